/* Datagrams in and out of one socket. Twin: transport/udp.py. */

#define _GNU_SOURCE
#include "relay_native.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <time.h>

enum {
    MAX_DATAGRAM = 2048,
    ANCILLARY = 64,
    KNOWN_ADDRESSES = 256, /* a power of two */
    MAX_QUEUED = 128,
    ROOM_BYTES = 1 << 18,
    MAX_ROOM_BYTES = 1 << 14,
};

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

typedef union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} Address;

typedef struct {
    Address address;
    socklen_t length;
    PyObject *named; /* as Python's sockets name it */
} KnownAddress;

typedef struct UdpPort {
    PyObject_HEAD
    PyObject *one, *on_refused;
    int fd; /* -1 once it is closed */
    int family;
    bool segments; /* the kernel knows how to */
    int refusal;   /* what is to be told, and of which other ports */
    struct UdpPort *next_refused;
    long long received, received_bytes, sent, sent_bytes, unsent, unsegmented;
    KnownAddress known[KNOWN_ADDRESSES];
} UdpPort;

struct UdpWriter {
    PyObject_HEAD
    UdpPort *port;
    bool segments;
    socklen_t length;
    Address address;
};

/* --- in */

static PyObject *make_name(const Address *address)
{
    char host[INET6_ADDRSTRLEN];
    if (address->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof host);
        return Py_BuildValue("(si)", host, ntohs(address->v4.sin_port));
    }
    inet_ntop(AF_INET6, &address->v6.sin6_addr, host, sizeof host);
    return Py_BuildValue("(siII)", host, ntohs(address->v6.sin6_port), ntohl(address->v6.sin6_flowinfo),
                         address->v6.sin6_scope_id);
}

/* A new reference; an address seen lately has its name already. */
static PyObject *name_of(UdpPort *port, const Address *address, socklen_t length)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (socklen_t i = 0; i < length; i++)
        hash = (hash ^ ((const uint8_t *)address)[i]) * 16777619u;
    KnownAddress *known = &port->known[hash & (KNOWN_ADDRESSES - 1)];
    if (known->named == NULL || known->length != length || memcmp(&known->address, address, length) != 0) {
        PyObject *named = make_name(address);
        if (named == NULL)
            return NULL;
        Py_XSETREF(known->named, named);
        known->address = *address;
        known->length = length;
    }
    return Py_NewRef(known->named);
}

static long long received_at_us(struct msghdr *message)
{
    struct timespec at;
    for (struct cmsghdr *one = CMSG_FIRSTHDR(message); one != NULL; one = CMSG_NXTHDR(message, one))
        if (one->cmsg_level == SOL_SOCKET && one->cmsg_type == SCM_TIMESTAMPNS &&
            one->cmsg_len >= CMSG_LEN(sizeof at)) {
            memcpy(&at, CMSG_DATA(one), sizeof at);
            return at.tv_sec * 1000000LL + at.tv_nsec / 1000;
        }
    clock_gettime(CLOCK_REALTIME, &at);
    return at.tv_sec * 1000000LL + at.tv_nsec / 1000;
}

static PyObject *port_receive(PyObject *object, PyObject *unused)
{
    static uint8_t datagrams[MAX_PACKETS][MAX_DATAGRAM];
    static _Alignas(struct cmsghdr) uint8_t ancillary[MAX_PACKETS][ANCILLARY];
    static Address addresses[MAX_PACKETS];
    static struct iovec places[MAX_PACKETS];
    static struct mmsghdr messages[MAX_PACKETS];
    (void)unused;
    UdpPort *self = (UdpPort *)object;
    for (int i = 0; i < MAX_PACKETS; i++) {
        places[i] = (struct iovec){datagrams[i], MAX_DATAGRAM};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &addresses[i],
            .msg_namelen = sizeof addresses[i],
            .msg_iov = &places[i],
            .msg_iovlen = 1,
            .msg_control = ancillary[i],
            .msg_controllen = ANCILLARY,
        };
    }
    int count = self->fd >= 0 ? recvmmsg(self->fd, messages, MAX_PACKETS, MSG_DONTWAIT, NULL) : 0;
    PyObject *read = PyList_New(0);
    for (int i = 0; i < count && read != NULL; i++) {
        struct msghdr *message = &messages[i].msg_hdr;
        if (messages[i].msg_len == 0)
            continue;
        self->received++;
        self->received_bytes += messages[i].msg_len;
        PyObject *name = name_of(self, &addresses[i], message->msg_namelen);
        PyObject *one = name != NULL ? Py_BuildValue("(y#NL)", (char *)datagrams[i], (Py_ssize_t)messages[i].msg_len,
                                                     name, received_at_us(message))
                                     : NULL;
        if (one == NULL || PyList_Append(read, one) != 0)
            Py_CLEAR(read);
        Py_XDECREF(one);
    }
    return read;
}

/* --- out */

/* No segmentation: not known, not by this interface (no checksums in hardware), or too long for the route. */
static bool is_refusal(int error)
{
    return error == EIO || error == EINVAL || error == EMSGSIZE || error == ENOPROTOOPT || error == EOPNOTSUPP ||
           error == EPROTO;
}

static bool send_one(UdpWriter *self, const uint8_t *datagram, size_t size)
{
    UdpPort *port = self->port;
    if (sendto(port->fd, datagram, size, 0, &self->address.any, self->length) < 0) {
        port->unsent++;
        return false;
    }
    port->sent++;
    port->sent_bytes += (long long)size;
    return true;
}

typedef struct {
    struct iovec place;
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(uint16_t))];
} Envelope;

/* A message of datagrams that the kernel cuts; of one datagram when there is no more. */
static void address_message(struct msghdr *message, Envelope *envelope, UdpWriter *writer, const uint8_t *packets,
                            size_t total, size_t size)
{
    envelope->place = (struct iovec){(void *)packets, total};
    *message = (struct msghdr){
        .msg_name = &writer->address,
        .msg_namelen = writer->length,
        .msg_iov = &envelope->place,
        .msg_iovlen = 1,
    };
    if (total <= size)
        return;
    memset(envelope->control, 0, sizeof envelope->control);
    message->msg_control = envelope->control;
    message->msg_controllen = sizeof envelope->control;
    struct cmsghdr *segment = CMSG_FIRSTHDR(message);
    segment->cmsg_level = IPPROTO_UDP;
    segment->cmsg_type = UDP_SEGMENT;
    segment->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    uint16_t each = (uint16_t)size;
    memcpy(CMSG_DATA(segment), &each, sizeof each);
}

static UdpPort *refused; /* the first, owned; those behind it as well */

/* On the way to this address: from now on it is sent one by one. */
static void give_up_segments(UdpWriter *self, int error)
{
    UdpPort *port = self->port;
    self->segments = false;
    if (port->unsegmented++ == 0) {
        port->refusal = error;
        port->next_refused = refused;
        refused = (UdpPort *)Py_NewRef(port);
    }
}

static void tell_refusal(UdpPort *port)
{
    PyObject *why = PyObject_CallFunction(PyExc_OSError, "is", port->refusal, strerror(port->refusal));
    PyObject *told = why != NULL ? PyObject_CallOneArg(port->on_refused, why) : NULL;
    if (told == NULL)
        PyErr_WriteUnraisable(port->on_refused);
    Py_XDECREF(told);
    Py_XDECREF(why);
}

void udp_tell(void)
{
    PyObject *kind, *error, *traceback;
    if (refused == NULL)
        return;
    PyErr_Fetch(&kind, &error, &traceback);
    while (refused != NULL) {
        UdpPort *port = refused;
        refused = port->next_refused;
        tell_refusal(port);
        Py_DECREF(port);
    }
    PyErr_Restore(kind, error, traceback);
}

/* Whether the kernel is asked to cut it. One that does not know how to would overlook that, and send it whole. */
static bool may_segment(UdpWriter *self, size_t total, size_t size)
{
    if (total <= size)
        return false;
    if (self->segments && !self->port->segments)
        give_up_segments(self, ENOPROTOOPT);
    return self->segments;
}

static void send_each(UdpWriter *self, const uint8_t *packets, size_t total, size_t size)
{
    for (size_t at = 0; at < total; at += size)
        send_one(self, packets + at, total - at < size ? total - at : size);
}

static void count_sent(UdpPort *port, size_t total, size_t size)
{
    port->sent += (long long)((total + size - 1) / size);
    port->sent_bytes += (long long)total;
}

static void recover(UdpWriter *self, const uint8_t *packets, size_t total, size_t size, int error)
{
    UdpPort *port = self->port;
    if (total <= size || !is_refusal(error)) {
        port->unsent += (long long)((total + size - 1) / size);
        return;
    }
    if (self->segments) /* not refused before, for what was queued together with this */
        give_up_segments(self, error);
    send_each(self, packets, total, size);
}

void udp_send(UdpWriter *self, const uint8_t *packets, size_t total, size_t size)
{
    struct msghdr message;
    Envelope envelope;
    if (!may_segment(self, total, size)) {
        send_each(self, packets, total, size);
        return;
    }
    address_message(&message, &envelope, self, packets, total, size);
    if (sendmsg(self->port->fd, &message, 0) >= 0)
        count_sent(self->port, total, size);
    else
        recover(self, packets, total, size, errno);
}

/* --- to many at once */

static struct {
    size_t count, used;
    struct mmsghdr messages[MAX_QUEUED];
    Envelope envelopes[MAX_QUEUED];
    struct {
        UdpWriter *writer; /* owned */
        size_t size;
    } queued[MAX_QUEUED];
    uint8_t room[ROOM_BYTES];
} outbox;

uint8_t *udp_room(size_t total)
{
    if (total > MAX_ROOM_BYTES)
        return NULL;
    if (outbox.used + total > ROOM_BYTES)
        udp_flush();
    if (outbox.count == 0) /* not at each flush: what is queued meanwhile may lie in the room taken last */
        outbox.used = 0;
    uint8_t *room = outbox.room + outbox.used;
    outbox.used += total;
    return room;
}

void udp_queue(UdpWriter *writer, const uint8_t *packets, size_t total, size_t size)
{
    size_t each = may_segment(writer, total, size) ? total : size;
    for (size_t at = 0; at < total; at += each) {
        if (outbox.count == MAX_QUEUED || (outbox.count && outbox.queued[0].writer->port != writer->port))
            udp_flush();
        size_t i = outbox.count++;
        address_message(&outbox.messages[i].msg_hdr, &outbox.envelopes[i], writer, packets + at,
                        total - at < each ? total - at : each, size);
        outbox.queued[i].writer = (UdpWriter *)Py_NewRef(writer);
        outbox.queued[i].size = size;
    }
}

void udp_flush(void)
{
    size_t at = 0;
    while (at < outbox.count) {
        UdpPort *port = outbox.queued[at].writer->port;
        int sent = sendmmsg(port->fd, outbox.messages + at, (unsigned int)(outbox.count - at), 0);
        for (int i = 0; i < sent; i++, at++)
            count_sent(port, outbox.envelopes[at].place.iov_len, outbox.queued[at].size);
        if (sent <= 0) {
            struct iovec *place = &outbox.envelopes[at].place;
            recover(outbox.queued[at].writer, place->iov_base, place->iov_len, outbox.queued[at].size, errno);
            at++;
        }
    }
    while (outbox.count)
        Py_DECREF(outbox.queued[--outbox.count].writer);
}

/* --- writers */

static PyObject *writer_write(PyObject *self, PyObject *datagram)
{
    Py_buffer one;
    if (PyObject_GetBuffer(datagram, &one, PyBUF_SIMPLE) != 0)
        return NULL;
    send_one((UdpWriter *)self, one.buf, (size_t)one.len);
    PyBuffer_Release(&one);
    Py_RETURN_NONE;
}

static PyObject *writer_write_burst(PyObject *self, PyObject *arguments)
{
    Py_buffer packets;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(arguments, "y*n", &packets, &size))
        return NULL;
    if (size > 0)
        udp_send((UdpWriter *)self, packets.buf, (size_t)packets.len, (size_t)size);
    else
        PyErr_SetString(PyExc_ValueError, "a datagram has a size");
    PyBuffer_Release(&packets);
    udp_tell();
    if (PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}

static int writer_traverse(PyObject *object, visitproc visit, void *arg)
{
    Py_VISIT(((UdpWriter *)object)->port);
    return 0;
}

static void writer_dealloc(PyObject *object)
{
    PyObject_GC_UnTrack(object);
    Py_XDECREF(((UdpWriter *)object)->port);
    Py_TYPE(object)->tp_free(object);
}

static PyMethodDef writer_methods[] = {
    {"write", writer_write, METH_O, NULL},
    {"write_burst", writer_write_burst, METH_VARARGS, NULL},
    {NULL},
};

PyTypeObject UdpWriterType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "relay_native.UdpWriter",
    .tp_basicsize = sizeof(UdpWriter),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = writer_dealloc,
    .tp_traverse = writer_traverse,
    .tp_methods = writer_methods,
};

/* --- ports */

static bool parse_address(int family, PyObject *named, Address *address, socklen_t *length)
{
    const char *host;
    int port;
    unsigned int flow = 0, scope = 0;
    if (!PyArg_ParseTuple(named, "si|II", &host, &port, &flow, &scope))
        return false;
    memset(address, 0, sizeof *address);
    address->any.sa_family = (sa_family_t)family;
    bool known;
    if (family == AF_INET) {
        address->v4.sin_port = htons((uint16_t)port);
        known = inet_pton(AF_INET, host, &address->v4.sin_addr) == 1;
        *length = sizeof address->v4;
    } else {
        address->v6.sin6_port = htons((uint16_t)port);
        address->v6.sin6_flowinfo = htonl(flow);
        address->v6.sin6_scope_id = scope;
        known = inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1;
        *length = sizeof address->v6;
    }
    if (!known)
        PyErr_Format(PyExc_ValueError, "no address of this socket's kind: %s", host);
    return known;
}

static PyObject *port_writer(PyObject *object, PyObject *named)
{
    UdpPort *self = (UdpPort *)object;
    Address address;
    socklen_t length;
    if (!PyTuple_Check(named)) {
        PyErr_SetString(PyExc_TypeError, "an address is a tuple");
        return NULL;
    }
    if (!parse_address(self->family, named, &address, &length))
        return NULL;
    UdpWriter *writer = (UdpWriter *)UdpWriterType.tp_alloc(&UdpWriterType, 0);
    if (writer != NULL) {
        writer->port = (UdpPort *)Py_NewRef(self);
        writer->segments = true;
        writer->address = address;
        writer->length = length;
    }
    return (PyObject *)writer;
}

static PyObject *port_close(PyObject *self, PyObject *unused)
{
    (void)unused;
    ((UdpPort *)self)->fd = -1;
    Py_RETURN_NONE;
}

static PyObject *port_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"one", "on_refused", NULL};
    PyObject *one, *on_refused;
    struct sockaddr_storage own;
    socklen_t length = sizeof own;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OO", names, &one, &on_refused))
        return NULL;
    int fd = PyObject_AsFileDescriptor(one);
    if (fd < 0)
        return NULL;
    if (getsockname(fd, (struct sockaddr *)&own, &length) != 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    UdpPort *self = (UdpPort *)type->tp_alloc(type, 0);
    if (self != NULL) {
        int size;
        length = sizeof size;
        self->one = Py_NewRef(one); /* or its number would come to stand for something else */
        self->fd = fd;
        self->family = own.ss_family;
        self->segments = getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, &length) == 0;
        self->on_refused = Py_NewRef(on_refused);
    }
    return (PyObject *)self;
}

static int port_traverse(PyObject *object, visitproc visit, void *arg)
{
    Py_VISIT(((UdpPort *)object)->one);
    Py_VISIT(((UdpPort *)object)->on_refused);
    return 0;
}

static int port_clear(PyObject *object)
{
    ((UdpPort *)object)->fd = -1;
    Py_CLEAR(((UdpPort *)object)->one);
    Py_CLEAR(((UdpPort *)object)->on_refused);
    return 0;
}

static void port_dealloc(PyObject *object)
{
    UdpPort *self = (UdpPort *)object;
    PyObject_GC_UnTrack(self);
    port_clear(object);
    for (int i = 0; i < KNOWN_ADDRESSES; i++)
        Py_XDECREF(self->known[i].named);
    Py_TYPE(self)->tp_free(self);
}

static PyMethodDef port_methods[] = {
    {"receive", port_receive, METH_NOARGS, NULL},
    {"writer", port_writer, METH_O, NULL},
    {"close", port_close, METH_NOARGS, NULL},
    {NULL},
};

static PyMemberDef port_members[] = {
    {"received", T_LONGLONG, offsetof(UdpPort, received), READONLY, NULL},
    {"received_bytes", T_LONGLONG, offsetof(UdpPort, received_bytes), READONLY, NULL},
    {"sent", T_LONGLONG, offsetof(UdpPort, sent), READONLY, NULL},
    {"sent_bytes", T_LONGLONG, offsetof(UdpPort, sent_bytes), READONLY, NULL},
    {"unsent", T_LONGLONG, offsetof(UdpPort, unsent), READONLY, NULL},
    {"unsegmented", T_LONGLONG, offsetof(UdpPort, unsegmented), READONLY, NULL},
    {NULL},
};

PyTypeObject UdpPortType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "relay_native.UdpPort",
    .tp_basicsize = sizeof(UdpPort),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_new = port_new,
    .tp_dealloc = port_dealloc,
    .tp_traverse = port_traverse,
    .tp_clear = port_clear,
    .tp_methods = port_methods,
    .tp_members = port_members,
};
