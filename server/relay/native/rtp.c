/* RTP headers. Twin: wire/rtp.py. */

#include "relay_native.h"

enum { ONE_BYTE = 0xBEDE, TWO_BYTE = 0x1000 };

static PyObject *malformed(const char *why)
{
    PyObject *wire = PyImport_ImportModule("relay.wire");
    PyObject *kind = wire != NULL ? PyObject_GetAttrString(wire, "Malformed") : NULL;
    if (kind != NULL)
        PyErr_SetString(kind, why);
    Py_XDECREF(kind);
    Py_XDECREF(wire);
    return NULL;
}

static bool append(PyObject *elements, int number, const uint8_t *value, size_t length)
{
    PyObject *element = Py_BuildValue("(iy#)", number, (const char *)value, (Py_ssize_t)length);
    bool done = element != NULL && PyList_Append(elements, element) == 0;
    Py_XDECREF(element);
    return done;
}

/* False with an exception set. */
static bool read_elements(PyObject *elements, bool wide, const uint8_t *at, const uint8_t *end)
{
    while (at < end) {
        if (*at == 0) {
            at++;
            continue;
        }
        if (wide && at + 2 > end) {
            malformed("RTP extension element runs past its block");
            return false;
        }
        int number = wide ? at[0] : at[0] >> 4;
        size_t length = wide ? at[1] : (size_t)(at[0] & 0x0F) + 1;
        if (!wide && number == 15) /* reserved: processing stops here (RFC 8285 §4.2) */
            break;
        at += wide ? 2 : 1;
        if (length > (size_t)(end - at)) {
            malformed("RTP extension element runs past its block");
            return false;
        }
        if (!append(elements, number, at, length))
            return false;
        at += length;
    }
    return true;
}

PyObject *split(PyObject *module, PyObject *object)
{
    (void)module;
    if (!PyBytes_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "a packet is bytes");
        return NULL;
    }
    const uint8_t *packet = (const uint8_t *)PyBytes_AS_STRING(object);
    size_t size = (size_t)PyBytes_GET_SIZE(object);
    if (size < RTP_HEADER_LENGTH || packet[0] >> 6 != 2)
        return malformed("no RTP header");
    size_t begin = RTP_HEADER_LENGTH + 4 * (size_t)(packet[0] & 0x0F), end = begin;
    bool extended = packet[0] & 0x10;
    if (!extended && begin > size)
        return malformed("RTP sources run past the end");
    if (extended) {
        if (begin + 4 > size)
            return malformed("RTP extension runs past the end");
        end = begin + 4 + 4 * (size_t)get_u16(packet + begin + 2);
        if (end > size)
            return malformed("RTP extension runs past the end");
    }
    PyObject *elements = PyList_New(0);
    if (elements == NULL)
        return NULL;
    if (extended) {
        uint16_t profile = get_u16(packet + begin);
        bool wide = (profile & 0xFFF0) == TWO_BYTE;
        if ((profile == ONE_BYTE || wide) && !read_elements(elements, wide, packet + begin + 4, packet + end)) {
            Py_DECREF(elements);
            return NULL;
        }
    }
    return Py_BuildValue("(nN)", (Py_ssize_t)end, elements);
}
