"""The front door: one UDP port and one TCP port for everybody, ICE-lite, DTLS and SRTP.

The only package that knows OpenSSL and libsrtp. It carries packets and knows no participants.
"""
