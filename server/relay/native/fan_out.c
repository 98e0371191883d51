/* A run to all its receivers. Twins: forwarding/leg.py, forwarding/fan_out.py, transport/outlet.py. */

#include "relay_native.h"

enum {
    EXTENSION_BIT = 0x1000,
    MAX_PACKET_BYTES = 2048,
    MAX_EXTENSION_BYTES = 544, /* the two that are passed on, at their longest */
    MAX_BURST_BYTES = 65000, /* the kernel's limit for all segments of one call is a little more */
};

/* --- one receiver's numbers */

typedef struct {
    PyObject_HEAD
    PyObject *outlet, *shapes;
    unsigned int ssrc;
    char paused;
    long long follows, first_ordinal, index_offset, timestamp_offset, picture_offset, tl0_offset;
    long long index, timestamp, sent_at_us, picture_id, tl0, packets, octets;
} Leg;

static int leg_init(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"ssrc", "index", "outlet", NULL};
    Leg *self = (Leg *)object;
    PyObject *outlet;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "ILO", names, &self->ssrc, &self->index, &outlet))
        return -1;
    PyObject *shapes = PyDict_New();
    if (shapes == NULL)
        return -1;
    Py_XSETREF(self->shapes, shapes);
    Py_XSETREF(self->outlet, Py_NewRef(outlet));
    self->follows = self->picture_id = self->tl0 = -1;
    return 0;
}

static int leg_traverse(PyObject *object, visitproc visit, void *arg)
{
    Py_VISIT(((Leg *)object)->outlet);
    Py_VISIT(((Leg *)object)->shapes);
    return 0;
}

static int leg_clear(PyObject *object)
{
    Py_CLEAR(((Leg *)object)->outlet);
    Py_CLEAR(((Leg *)object)->shapes);
    return 0;
}

static void leg_dealloc(PyObject *object)
{
    PyObject_GC_UnTrack(object);
    leg_clear(object);
    Py_TYPE(object)->tp_free(object);
}

#define NUMBER(name) {#name, T_LONGLONG, offsetof(Leg, name), 0, NULL}

static PyMemberDef leg_members[] = {
    {"outlet", T_OBJECT_EX, offsetof(Leg, outlet), 0, NULL},
    {"shapes", T_OBJECT_EX, offsetof(Leg, shapes), 0, NULL},
    {"ssrc", T_UINT, offsetof(Leg, ssrc), READONLY, NULL},
    {"paused", T_BOOL, offsetof(Leg, paused), 0, NULL},
    NUMBER(follows),
    NUMBER(first_ordinal),
    NUMBER(index_offset),
    NUMBER(timestamp_offset),
    NUMBER(picture_offset),
    NUMBER(tl0_offset),
    NUMBER(index),
    NUMBER(timestamp),
    NUMBER(sent_at_us),
    NUMBER(picture_id),
    NUMBER(tl0),
    NUMBER(packets),
    NUMBER(octets),
    {NULL},
};

PyTypeObject LegType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "relay_native.Leg",
    .tp_basicsize = sizeof(Leg),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_new = PyType_GenericNew,
    .tp_init = leg_init,
    .tp_dealloc = leg_dealloc,
    .tp_traverse = leg_traverse,
    .tp_clear = leg_clear,
    .tp_members = leg_members,
};

/* --- a run, read once for all its receivers */

typedef struct {
    size_t at, extension_length, payload_length, size;
    const uint8_t *payload;
    uint16_t word;
    long long ordinal, timestamp;
    uint8_t extension[MAX_EXTENSION_BYTES];
} Slot;

/* Neighbours that can be sent by one call. */
typedef struct {
    size_t at, total, size;
} Burst;

typedef struct {
    PyObject *run, *shape, *codec, *payloads, *extension_ids; /* owned, but for the first */
    long long source, lowest, picture_offset, tl0_offset, count, octets, payload_type;
    long long ordinal, timestamp, at_us, picture_id, tl0; /* of the newest packet */
    size_t length, slot_count, burst_count;
    bool busy;
    Slot slot[MAX_PACKETS];
    Burst burst[MAX_PACKETS];
} Run;

static Run the_run; /* large, as is the room it is encrypted into; nobody is served while another is */

#define FOR_EACH_NAME(use)                                                                                             \
    use(at_us) use(batch) use(codec) use(count) use(extension_ids) use(extensions) use(leg) use(lowest) use(newest)    \
    use(octets) use(ordinal) use(packets) use(payload_type) use(payloads) use(picture_id) use(picture_id_at)           \
    use(picture_offset) use(pictures) use(protect) use(reading) use(send_run) use(shape) use(source) use(timestamp)    \
    use(tl0) use(tl0_at) use(tl0_offset) use(word) use(write) use(write_burst)

#define DECLARE(name) static PyObject *name_##name;
FOR_EACH_NAME(DECLARE)

bool intern_names(void)
{
#define INTERN(name)                                                                                                   \
    if ((name_##name = PyUnicode_InternFromString(#name)) == NULL)                                                     \
        return false;
    FOR_EACH_NAME(INTERN)
    return true;
}

/* False with an exception set. */
static bool number_of(PyObject *object, PyObject *name, long long *number)
{
    PyObject *value = PyObject_GetAttr(object, name);
    if (value == NULL)
        return false;
    *number = PyLong_AsLongLong(value);
    Py_DECREF(value);
    return *number != -1 || !PyErr_Occurred();
}

static bool read_pictures(Run *run, PyObject *newest)
{
    long long picture_at = -1, tl0_at = -1;
    run->picture_id = run->tl0 = -1;
    PyObject *reading = PyObject_GetAttr(newest, name_reading);
    PyObject *pictures = reading != NULL ? PyObject_GetAttr(reading, name_pictures) : NULL;
    bool done = pictures != NULL;
    if (done && pictures != Py_None) {
        done = number_of(pictures, name_picture_id_at, &picture_at) && number_of(pictures, name_tl0_at, &tl0_at);
        if (done && picture_at >= 0)
            done = number_of(pictures, name_picture_id, &run->picture_id);
        if (done && tl0_at >= 0)
            done = number_of(pictures, name_tl0, &run->tl0);
    }
    Py_XDECREF(pictures);
    Py_XDECREF(reading);
    return done;
}

static bool wrong(const char *why)
{
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, why);
    return false;
}

/* The values of those header extensions that the receivers know, in their order. -1 with an exception set. */
static int choose_elements(PyObject *ids, PyObject *present, int numbers[2], PyObject *values[2])
{
    int count = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(ids); i++) {
        PyObject *id = PyTuple_GET_ITEM(ids, i);
        if (!PyTuple_Check(id) || PyTuple_GET_SIZE(id) != 2)
            return wrong("no extension id") - 1;
        PyObject *value = PyDict_GetItemWithError(present, PyTuple_GET_ITEM(id, 0));
        if (value == NULL) {
            if (PyErr_Occurred())
                return -1;
            continue;
        }
        long number = PyLong_AsLong(PyTuple_GET_ITEM(id, 1));
        if (count == 2 || !PyBytes_Check(value) || number < 0 || number > 255 || PyBytes_GET_SIZE(value) > 255)
            return wrong("header extensions that cannot be written") - 1;
        numbers[count] = (int)number;
        values[count++] = value;
    }
    return count;
}

/* As `rtp.pack_elements` does. False with an exception set. */
static bool pack_extension(Slot *slot, PyObject *ids, PyObject *present)
{
    int numbers[2];
    PyObject *values[2];
    slot->extension_length = 0;
    if (!PyDict_Check(present) || !PyTuple_Check(ids))
        return wrong("no header extensions");
    if (PyDict_GET_SIZE(present) == 0)
        return true;
    int count = choose_elements(ids, present, numbers, values);
    if (count <= 0)
        return count == 0;
    bool narrow = true;
    for (int i = 0; i < count; i++) {
        Py_ssize_t length = PyBytes_GET_SIZE(values[i]);
        narrow = narrow && numbers[i] > 0 && numbers[i] < 15 && length >= 1 && length <= 16;
    }
    uint8_t *at = slot->extension + 4;
    for (int i = 0; i < count; i++) {
        size_t length = (size_t)PyBytes_GET_SIZE(values[i]);
        if (narrow) {
            *at++ = (uint8_t)(numbers[i] << 4 | (length - 1));
        } else {
            *at++ = (uint8_t)numbers[i];
            *at++ = (uint8_t)length;
        }
        memcpy(at, PyBytes_AS_STRING(values[i]), length);
        at += length;
    }
    while ((at - slot->extension) % 4)
        *at++ = 0;
    slot->extension_length = (size_t)(at - slot->extension);
    put_u16(slot->extension, narrow ? 0xBEDE : 0x1000);
    put_u16(slot->extension + 2, (uint16_t)(slot->extension_length / 4 - 1));
    return true;
}

static bool read_slot(Slot *slot, const Run *run, PyObject *packet, PyObject *payload)
{
    long long word;
    PyObject *present = PyObject_GetAttr(packet, name_extensions);
    bool done = present != NULL && pack_extension(slot, run->extension_ids, present) &&
                number_of(packet, name_word, &word) && number_of(packet, name_ordinal, &slot->ordinal) &&
                number_of(packet, name_timestamp, &slot->timestamp);
    Py_XDECREF(present);
    if (!done)
        return false;
    const Py_buffer *bytes = PyMemoryView_Check(payload) ? PyMemoryView_GET_BUFFER(payload) : NULL;
    if (bytes == NULL || !PyBuffer_IsContiguous(bytes, 'C'))
        return wrong("a packet without bytes");
    slot->payload = bytes->buf;
    slot->payload_length = (size_t)bytes->len;
    slot->word = (uint16_t)(word | run->payload_type | (slot->extension_length ? EXTENSION_BIT : 0));
    slot->size = RTP_HEADER_LENGTH + slot->extension_length + slot->payload_length + SEAL_LENGTH;
    return slot->size <= MAX_PACKET_BYTES || wrong("a packet too long to send");
}

/* A burst goes on while packets are of one size, and ends with the first shorter one. */
static void lay_out(Run *run)
{
    run->length = run->burst_count = 0;
    for (size_t i = 0; i < run->slot_count; i++) {
        Slot *slot = &run->slot[i];
        Burst *burst = run->burst_count ? &run->burst[run->burst_count - 1] : NULL;
        slot->at = run->length;
        run->length += slot->size;
        if (burst == NULL || slot->size > burst->size || burst->total % burst->size ||
            burst->total + slot->size > MAX_BURST_BYTES) {
            run->burst[run->burst_count++] = (Burst){slot->at, slot->size, slot->size};
        } else {
            burst->total += slot->size;
        }
    }
}

static bool read_packets(Run *run, PyObject *batch)
{
    PyObject *packets = PyObject_GetAttr(batch, name_packets);
    bool done = packets != NULL;
    if (done && (!PyList_Check(packets) || !PyList_Check(run->payloads) || PyList_GET_SIZE(packets) > MAX_PACKETS ||
                 PyList_GET_SIZE(packets) != PyList_GET_SIZE(run->payloads)))
        done = wrong("no run");
    run->slot_count = done ? (size_t)PyList_GET_SIZE(packets) : 0;
    for (size_t i = 0; done && i < run->slot_count; i++)
        done = read_slot(&run->slot[i], run, PyList_GET_ITEM(packets, (Py_ssize_t)i),
                         PyList_GET_ITEM(run->payloads, (Py_ssize_t)i));
    Py_XDECREF(packets);
    if (done)
        lay_out(run);
    return done;
}

static bool read_batch(Run *run, PyObject *batch)
{
    PyObject *newest = PyObject_GetAttr(batch, name_newest);
    bool done = newest != NULL && (run->codec = PyObject_GetAttr(batch, name_codec)) != NULL &&
                number_of(batch, name_source, &run->source) &&
                number_of(batch, name_lowest, &run->lowest) && number_of(newest, name_ordinal, &run->ordinal) &&
                number_of(newest, name_timestamp, &run->timestamp) && number_of(newest, name_at_us, &run->at_us) &&
                read_pictures(run, newest) && read_packets(run, batch);
    Py_XDECREF(newest);
    return done;
}

static void release_run(Run *run)
{
    Py_XDECREF(run->shape);
    Py_XDECREF(run->codec);
    Py_XDECREF(run->payloads);
    Py_XDECREF(run->extension_ids);
    run->busy = false;
}

static bool read_run(Run *run, PyObject *object)
{
    if (run->busy) {
        PyErr_SetString(PyExc_RuntimeError, "a run was sent while another is being sent");
        return false;
    }
    run->busy = true;
    run->run = object;
    run->shape = run->codec = run->payloads = run->extension_ids = NULL;
    PyObject *batch = NULL;
    /* In turn: nothing is asked of Python while an exception is set. */
    bool done = (run->shape = PyObject_GetAttr(object, name_shape)) != NULL &&
                (run->payloads = PyObject_GetAttr(object, name_payloads)) != NULL &&
                (run->extension_ids = PyObject_GetAttr(run->shape, name_extension_ids)) != NULL &&
                (batch = PyObject_GetAttr(object, name_batch)) != NULL &&
                number_of(run->shape, name_payload_type, &run->payload_type) &&
                number_of(object, name_picture_offset, &run->picture_offset) &&
                number_of(object, name_tl0_offset, &run->tl0_offset) && number_of(object, name_count, &run->count) &&
                number_of(object, name_octets, &run->octets) && read_batch(run, batch);
    Py_XDECREF(batch);
    if (!done)
        release_run(run);
    return done;
}

/* --- the way out to one receiver */

typedef struct {
    PyObject_HEAD
    PyObject *sender, *way_out;
} Outlet;

static uint8_t own_room[MAX_PACKETS * MAX_PACKET_BYTES];

/* Puts the run together for one receiver. False with an exception set. */
static bool encrypt_run(const Run *run, GcmSender *sender, const Leg *leg, uint8_t *into)
{
    for (size_t i = 0; i < run->slot_count; i++) {
        const Slot *slot = &run->slot[i];
        uint8_t *packet = into + slot->at;
        long long index = slot->ordinal + leg->index_offset;
        put_u16(packet, slot->word);
        put_u16(packet + 2, (uint16_t)index);
        put_u32(packet + 4, (uint32_t)(slot->timestamp + leg->timestamp_offset));
        put_u32(packet + 8, leg->ssrc);
        memcpy(packet + RTP_HEADER_LENGTH, slot->extension, slot->extension_length);
        if (!gcm_seal(sender, leg->ssrc, index, packet, RTP_HEADER_LENGTH + slot->extension_length, slot->payload,
                      slot->payload_length))
            return false;
    }
    return true;
}

/* By a way out that is written in Python. False with an exception set. */
static bool write_run(const Run *run, PyObject *way_out)
{
    for (size_t i = 0; i < run->burst_count; i++) {
        const Burst *burst = &run->burst[i];
        PyObject *packets = PyMemoryView_FromMemory((char *)own_room + burst->at, (Py_ssize_t)burst->total, PyBUF_READ);
        PyObject *size = PyLong_FromSize_t(burst->size);
        PyObject *done = packets != NULL && size != NULL
                             ? PyObject_CallMethodObjArgs(way_out, name_write_burst, packets, size, NULL)
                             : NULL;
        Py_XDECREF(packets);
        Py_XDECREF(size);
        Py_XDECREF(done);
        if (done == NULL)
            return false;
    }
    return true;
}

/* False with an exception set. What is queued goes with the next `udp_flush`. */
static bool send_encrypted(const Run *run, GcmSender *sender, const Leg *leg, PyObject *way_out)
{
    bool is_native = Py_IS_TYPE(way_out, &UdpWriterType);
    uint8_t *room = is_native ? udp_room(run->length) : NULL, *packets = room != NULL ? room : own_room;
    if (!encrypt_run(run, sender, leg, packets))
        return false;
    if (!is_native)
        return write_run(run, way_out);
    for (size_t i = 0; i < run->burst_count; i++) {
        const Burst *burst = &run->burst[i];
        if (room != NULL)
            udp_queue((UdpWriter *)way_out, packets + burst->at, burst->total, burst->size);
        else
            udp_send((UdpWriter *)way_out, packets + burst->at, burst->total, burst->size);
    }
    return true;
}

static bool is_there(PyObject *object)
{
    return object != NULL && object != Py_None;
}

/* False with an exception set. */
static bool send_by(const Run *run, Leg *leg, Outlet *outlet)
{
    if (!is_there(outlet->sender) || !is_there(outlet->way_out))
        return true; /* not up yet, or over */
    PyObject *sender = Py_NewRef(outlet->sender), *way_out = Py_NewRef(outlet->way_out), *done = NULL;
    bool sent;
    if (Py_IS_TYPE(sender, &GcmSenderType)) {
        sent = send_encrypted(run, (GcmSender *)sender, leg, way_out);
    } else {
        done = PyObject_CallMethodObjArgs(sender, name_send_run, run->run, (PyObject *)leg, way_out, NULL);
        sent = done != NULL;
    }
    Py_XDECREF(done);
    Py_DECREF(sender);
    Py_DECREF(way_out);
    return sent;
}

/* False with an exception set. */
static bool send_to(const Run *run, Leg *leg)
{
    PyObject *outlet = Py_NewRef(leg->outlet), *done = NULL;
    bool sent;
    if (Py_IS_TYPE(outlet, &OutletType)) {
        sent = send_by(run, leg, (Outlet *)outlet);
    } else {
        done = PyObject_CallMethodObjArgs(outlet, name_send_run, run->run, (PyObject *)leg, NULL);
        sent = done != NULL;
    }
    Py_XDECREF(done);
    Py_DECREF(outlet);
    return sent;
}

/* What `send_run` of a sender and of an outlet are called with; false with an exception set. */
static bool read_arguments(Run *run, PyObject *const *arguments, Py_ssize_t count, Py_ssize_t wanted)
{
    if (count == wanted && PyObject_TypeCheck(arguments[1], &LegType))
        return read_run(run, arguments[0]);
    PyErr_SetString(PyExc_TypeError, "send_run takes a run and a leg");
    return false;
}

PyObject *gcm_send_run(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    if (!read_arguments(&the_run, arguments, count, 3))
        return NULL;
    bool sent = send_encrypted(&the_run, (GcmSender *)self, (Leg *)arguments[1], arguments[2]);
    udp_flush();
    release_run(&the_run);
    udp_tell();
    if (!sent)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *outlet_send(PyObject *object, PyObject *const *arguments, Py_ssize_t count)
{
    Outlet *self = (Outlet *)object;
    if (count != 4) {
        PyErr_SetString(PyExc_TypeError, "send takes ssrc, index, header and payload");
        return NULL;
    }
    if (!is_there(self->sender) || !is_there(self->way_out))
        Py_RETURN_NONE;
    PyObject *sender = Py_NewRef(self->sender), *way_out = Py_NewRef(self->way_out);
    PyObject *packet = PyObject_CallMethodObjArgs(sender, name_protect, arguments[0], arguments[1], arguments[2],
                                                  arguments[3], NULL);
    PyObject *done = packet != NULL ? PyObject_CallMethodObjArgs(way_out, name_write, packet, NULL) : NULL;
    Py_XDECREF(packet);
    Py_DECREF(sender);
    Py_DECREF(way_out);
    return done;
}

static PyObject *outlet_send_run(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    if (!read_arguments(&the_run, arguments, count, 2))
        return NULL;
    bool sent = send_by(&the_run, (Leg *)arguments[1], (Outlet *)self);
    udp_flush();
    release_run(&the_run);
    udp_tell();
    if (!sent)
        return NULL;
    Py_RETURN_NONE;
}

static int outlet_traverse(PyObject *object, visitproc visit, void *arg)
{
    Py_VISIT(((Outlet *)object)->sender);
    Py_VISIT(((Outlet *)object)->way_out);
    return 0;
}

static int outlet_clear(PyObject *object)
{
    Py_CLEAR(((Outlet *)object)->sender);
    Py_CLEAR(((Outlet *)object)->way_out);
    return 0;
}

static void outlet_dealloc(PyObject *object)
{
    PyObject_GC_UnTrack(object);
    outlet_clear(object);
    Py_TYPE(object)->tp_free(object);
}

static PyMethodDef outlet_methods[] = {
    {"send", (PyCFunction)(void (*)(void))outlet_send, METH_FASTCALL, NULL},
    {"send_run", (PyCFunction)(void (*)(void))outlet_send_run, METH_FASTCALL, NULL},
    {NULL},
};

static PyMemberDef outlet_members[] = {
    {"sender", T_OBJECT, offsetof(Outlet, sender), 0, NULL},
    {"way_out", T_OBJECT, offsetof(Outlet, way_out), 0, NULL},
    {NULL},
};

PyTypeObject OutletType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "relay_native.Outlet",
    .tp_basicsize = sizeof(Outlet),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = outlet_dealloc,
    .tp_traverse = outlet_traverse,
    .tp_clear = outlet_clear,
    .tp_methods = outlet_methods,
    .tp_members = outlet_members,
};

/* --- all receivers */

/* 1 when it does, 0 when it does not, -1 with an exception set. */
static int goes_on(const Run *run, Leg *leg)
{
    if (leg->follows != run->source || run->lowest < leg->first_ordinal ||
        leg->picture_offset != run->picture_offset || leg->tl0_offset != run->tl0_offset)
        return 0;
    if (!PyDict_Check(leg->shapes))
        return wrong("shapes are a dict") - 1;
    PyObject *shape = PyDict_GetItemWithError(leg->shapes, run->codec);
    if (shape == NULL && PyErr_Occurred())
        return -1;
    return shape == run->shape;
}

/* As `Remap.advance` does, and what is counted. */
static void advance(const Run *run, Leg *leg)
{
    leg->packets += run->count;
    leg->octets += run->octets;
    if (run->ordinal + leg->index_offset <= leg->index)
        return;
    leg->index = run->ordinal + leg->index_offset;
    leg->timestamp = (run->timestamp + leg->timestamp_offset) & 0xFFFFFFFF;
    leg->sent_at_us = run->at_us;
    if (run->picture_id >= 0)
        leg->picture_id = (run->picture_id + leg->picture_offset) & 0x7FFF;
    if (run->tl0 >= 0)
        leg->tl0 = (run->tl0 + leg->tl0_offset) & 0xFF;
}

/* What went wrong for one receiver does not stop the others. False, with an exception set, when it cannot even be told,
 * or when it is somebody's wish to stop. */
static bool tell(PyObject *on_error)
{
    PyObject *kind, *error, *traceback;
    if (!PyErr_ExceptionMatches(PyExc_Exception))
        return false;
    PyErr_Fetch(&kind, &error, &traceback);
    PyErr_NormalizeException(&kind, &error, &traceback);
    if (traceback != NULL)
        PyException_SetTraceback(error, traceback);
    PyObject *told = PyObject_CallOneArg(on_error, error);
    Py_XDECREF(kind);
    Py_XDECREF(error);
    Py_XDECREF(traceback);
    Py_XDECREF(told);
    return told != NULL;
}

/* False with an exception set. */
static bool serve(const Run *run, PyObject *receiver, PyObject *others, PyObject *on_error)
{
    Leg *leg = (Leg *)PyObject_GetAttr(receiver, name_leg);
    if (leg == NULL)
        return false;
    bool done = PyObject_TypeCheck(leg, &LegType) && leg->outlet != NULL && leg->shapes != NULL;
    if (!done) {
        PyErr_SetString(PyExc_TypeError, "a receiver without a leg");
    } else if (!leg->paused) {
        int continues = goes_on(run, leg);
        if (continues > 0) {
            advance(run, leg);
            done = send_to(run, leg) || tell(on_error);
        } else {
            done = continues == 0 && PyList_Append(others, receiver) == 0;
        }
    }
    Py_DECREF(leg);
    return done;
}

PyObject *fan_out(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    if (count != 3 || !PyList_Check(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "fan_out takes a run, a list of receivers and whom to tell of errors");
        return NULL;
    }
    if (!read_run(&the_run, arguments[0]))
        return NULL;
    PyObject *receivers = arguments[1], *others = PyList_New(0);
    for (Py_ssize_t i = 0; others != NULL && i < PyList_GET_SIZE(receivers); i++) {
        PyObject *receiver = Py_NewRef(PyList_GET_ITEM(receivers, i));
        if (!serve(&the_run, receiver, others, arguments[2]))
            Py_CLEAR(others);
        Py_DECREF(receiver);
    }
    udp_flush();
    release_run(&the_run);
    udp_tell();
    return others;
}
