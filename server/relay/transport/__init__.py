"""The front door: one UDP port and one TCP port for everybody, ICE-lite, DTLS and SRTP.

The only package that knows aiortc's and pylibsrtp's private names. It carries packets and knows no participants.
"""
