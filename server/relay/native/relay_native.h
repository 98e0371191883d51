/* The packet path of the relay in C. Each type and function has its twin in Python, where it is described; the names
 * here are theirs. Python decides, this only does what is done for every packet. All of it runs under the GIL. */

#ifndef RELAY_NATIVE_H
#define RELAY_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <structmember.h>

enum {
    RTP_HEADER_LENGTH = 12,
    SEAL_LENGTH = 16, /* bytes that AES-GCM adds */
    SALT_LENGTH = 12,
    MAX_PACKETS = 64, /* in a run, in a burst, and read at once */
};

typedef struct GcmSender GcmSender;
typedef struct UdpWriter UdpWriter;

extern PyTypeObject GcmSenderType, GcmReceiverType, LegType, OutletType, UdpPortType, UdpWriterType;

/* Encrypts a packet that lies in place but for its payload: `packet` holds the header and has room for the payload and
 * its seal behind it. False with an exception set. */
bool gcm_seal(GcmSender *sender, uint32_t ssrc, int64_t index, uint8_t *packet, size_t header_length,
              const uint8_t *payload, size_t payload_length);

/* Sends datagrams that lie one behind another, each `size` long but the last, which may be shorter. */
void udp_send(UdpWriter *writer, const uint8_t *packets, size_t total, size_t size);

/* The same for many receivers by few calls: room for what goes to one of them, to be filled and then queued, and all
 * that is queued to be sent. There is no room (NULL) for what is so long that a call of its own is no loss. */
uint8_t *udp_room(size_t total);
void udp_queue(UdpWriter *writer, const uint8_t *packets, size_t total, size_t size);
void udp_flush(void);

/* Says where segmentation was refused since the last time. That is Python's turn, so nothing may be half done; an
 * exception that is set stays set. */
void udp_tell(void);

PyObject *gcm_send_run(PyObject *sender, PyObject *const *arguments, Py_ssize_t count);
PyObject *fan_out(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *split(PyObject *module, PyObject *packet);

/* Interned names of attributes; true when all could be made. */
bool intern_names(void);

static inline void put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, (uint16_t)(value >> 16));
    put_u16(at + 2, (uint16_t)value);
}

static inline uint16_t get_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)get_u16(at) << 16 | get_u16(at + 2);
}

#endif
