/* SRTP with AES-GCM (RFC 7714). Twins: transport/srtp.py, and libsrtp for what comes in. */

#include "relay_native.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

enum {
    WINDOW = 1024,      /* how late a packet may be, in packets */
    MAX_STREAMS = 256,  /* whoever admits them keeps to less */
};

/* --- what both directions share */

/* What a sender and a receiver begin with. */
typedef struct {
    PyObject_HEAD
    EVP_CIPHER_CTX *context;
    uint8_t salt[SALT_LENGTH];
} Keyed;

static EVP_CIPHER_CTX *keyed_context(Py_buffer *key, Py_buffer *salt, int encrypts)
{
    const EVP_CIPHER *cipher = key->len == 16 ? EVP_aes_128_gcm() : key->len == 32 ? EVP_aes_256_gcm() : NULL;
    if (cipher == NULL || salt->len != SALT_LENGTH) {
        PyErr_SetString(PyExc_ValueError, "a key has 16 or 32 bytes, a salt 12");
        return NULL;
    }
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context == NULL || EVP_CipherInit_ex(context, cipher, NULL, key->buf, NULL, encrypts) != 1) {
        EVP_CIPHER_CTX_free(context);
        PyErr_SetString(PyExc_RuntimeError, "the cipher could not be set up");
        return NULL;
    }
    return context;
}

static PyObject *keyed_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords, int encrypts)
{
    static char *names[] = {"session_key", "session_salt", NULL};
    Py_buffer key, salt;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "y*y*", names, &key, &salt))
        return NULL;
    EVP_CIPHER_CTX *context = keyed_context(&key, &salt, encrypts);
    Keyed *self = context != NULL ? (Keyed *)type->tp_alloc(type, 0) : NULL;
    if (self != NULL) {
        self->context = context;
        memcpy(self->salt, salt.buf, SALT_LENGTH);
    } else {
        EVP_CIPHER_CTX_free(context);
    }
    PyBuffer_Release(&key);
    PyBuffer_Release(&salt);
    return (PyObject *)self;
}

/* RFC 7714 §8.1: two zero bytes, SSRC, roll-over counter and sequence number, over the salt. */
static void make_nonce(uint8_t nonce[SALT_LENGTH], const uint8_t salt[SALT_LENGTH], uint32_t ssrc, int64_t index)
{
    uint8_t numbers[SALT_LENGTH] = {0};
    put_u32(numbers + 2, ssrc);
    put_u32(numbers + 6, (uint32_t)(index >> 16));
    put_u16(numbers + 10, (uint16_t)index);
    for (size_t i = 0; i < SALT_LENGTH; i++)
        nonce[i] = numbers[i] ^ salt[i];
}

/* --- outgoing */

struct GcmSender {
    Keyed keyed;
};

bool gcm_seal(GcmSender *sender, uint32_t ssrc, int64_t index, uint8_t *packet, size_t header_length,
              const uint8_t *payload, size_t payload_length)
{
    uint8_t nonce[SALT_LENGTH];
    uint8_t *sealed = packet + header_length;
    /* The same by EVP_CTRL_AEAD_GET_TAG looks names up in tables. */
    OSSL_PARAM tag[] = {
        OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, sealed + payload_length, SEAL_LENGTH),
        OSSL_PARAM_END,
    };
    int length;
    if (index < 0 || index >> 48) {
        PyErr_SetString(PyExc_OverflowError, "an index has 48 bits");
        return false;
    }
    make_nonce(nonce, sender->keyed.salt, ssrc, index);
    if (EVP_EncryptInit_ex(sender->keyed.context, NULL, NULL, NULL, nonce) != 1 ||
        EVP_EncryptUpdate(sender->keyed.context, NULL, &length, packet, (int)header_length) != 1 ||
        EVP_EncryptUpdate(sender->keyed.context, sealed, &length, payload, (int)payload_length) != 1 ||
        EVP_EncryptFinal_ex(sender->keyed.context, sealed + payload_length, &length) != 1 ||
        EVP_CIPHER_CTX_get_params(sender->keyed.context, tag) != 1) {
        PyErr_SetString(PyExc_RuntimeError, "a packet could not be encrypted");
        return false;
    }
    return true;
}

static PyObject *sender_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    return keyed_new(type, arguments, keywords, 1);
}

static void sender_dealloc(PyObject *object)
{
    GcmSender *self = (GcmSender *)object;
    EVP_CIPHER_CTX_free(self->keyed.context); /* wipes the key */
    Py_TYPE(self)->tp_free(self);
}

static PyObject *sender_protect(PyObject *self, PyObject *arguments)
{
    unsigned int ssrc;
    long long index;
    Py_buffer header, payload;
    if (!PyArg_ParseTuple(arguments, "ILy*y*", &ssrc, &index, &header, &payload))
        return NULL;
    PyObject *packet = PyBytes_FromStringAndSize(NULL, header.len + payload.len + SEAL_LENGTH);
    if (packet != NULL) {
        uint8_t *begin = (uint8_t *)PyBytes_AS_STRING(packet);
        memcpy(begin, header.buf, (size_t)header.len);
        if (!gcm_seal((GcmSender *)self, ssrc, index, begin, (size_t)header.len, payload.buf, (size_t)payload.len))
            Py_CLEAR(packet);
    }
    PyBuffer_Release(&header);
    PyBuffer_Release(&payload);
    return packet;
}

static PyMethodDef sender_methods[] = {
    {"protect", sender_protect, METH_VARARGS, NULL},
    {"send_run", (PyCFunction)(void (*)(void))gcm_send_run, METH_FASTCALL, NULL},
    {NULL},
};

PyTypeObject GcmSenderType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "relay_native.GcmSender",
    .tp_basicsize = sizeof(GcmSender),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = sender_new,
    .tp_dealloc = sender_dealloc,
    .tp_methods = sender_methods,
};

/* --- incoming */

/* Which packets of an SSRC came: as much of RFC 3711 §3.3.1 and §3.3.2 as libsrtp does. */
typedef struct {
    uint32_t ssrc;
    int64_t highest;
    uint64_t came[WINDOW / 64]; /* a bit for each of the last WINDOW indexes, in a ring */
} Stream;

typedef struct {
    Keyed keyed;
    Stream **streams;
    size_t count;
} GcmReceiver;

static size_t stream_at(const GcmReceiver *self, uint32_t ssrc)
{
    size_t at = 0;
    while (at < self->count && self->streams[at]->ssrc != ssrc)
        at++;
    return at;
}

/* The index that a sequence number most likely stands for (RFC 3711 appendix A). */
static int64_t guess_index(const Stream *stream, uint16_t sequence)
{
    if (stream == NULL || stream->highest <= 0x8000)
        return sequence;
    int64_t rollovers = stream->highest >> 16;
    uint16_t last = (uint16_t)stream->highest;
    if (last < 0x8000 && sequence - last > 0x8000)
        rollovers--;
    else if (last >= 0x8000 && last - 0x8000 > sequence)
        rollovers++;
    return rollovers << 16 | sequence;
}

static uint64_t *word_of(Stream *stream, int64_t index)
{
    return &stream->came[(index % WINDOW) / 64];
}

static bool is_new(Stream *stream, int64_t index)
{
    if (stream == NULL || index > stream->highest)
        return true;
    if (index <= stream->highest - WINDOW)
        return false;
    return !(*word_of(stream, index) >> (index % 64) & 1);
}

static void note(Stream *stream, int64_t index)
{
    if (index - stream->highest >= WINDOW) {
        memset(stream->came, 0, sizeof stream->came);
        stream->highest = index;
    }
    while (stream->highest < index) {
        stream->highest++;
        *word_of(stream, stream->highest) &= ~((uint64_t)1 << (stream->highest % 64));
    }
    *word_of(stream, index) |= (uint64_t)1 << (index % 64);
}

static Stream *add_stream(GcmReceiver *self, uint32_t ssrc, int64_t index)
{
    if (self->count == MAX_STREAMS)
        return NULL;
    Stream **streams = PyMem_Realloc(self->streams, (self->count + 1) * sizeof *streams);
    if (streams == NULL)
        return NULL;
    self->streams = streams;
    Stream *stream = PyMem_Calloc(1, sizeof *stream);
    if (stream == NULL)
        return NULL;
    stream->ssrc = ssrc;
    stream->highest = index;
    return streams[self->count++] = stream;
}

/* Where the payload begins; 0 when there is no whole header with a seal behind it. */
static size_t header_length(const uint8_t *packet, size_t size)
{
    if (size < RTP_HEADER_LENGTH + SEAL_LENGTH || packet[0] >> 6 != 2)
        return 0;
    size_t end = size - SEAL_LENGTH;
    size_t begin = RTP_HEADER_LENGTH + 4 * (size_t)(packet[0] & 0x0F);
    if (packet[0] & 0x10) {
        if (begin + 4 > end)
            return 0;
        begin += 4 + 4 * (size_t)get_u16(packet + begin + 2);
    }
    return begin <= end ? begin : 0;
}

static bool gcm_open(GcmReceiver *self, uint32_t ssrc, int64_t index, const uint8_t *packet, size_t header,
                     size_t size, uint8_t *plain)
{
    uint8_t nonce[SALT_LENGTH];
    OSSL_PARAM tag[] = {
        OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, (void *)(packet + size - SEAL_LENGTH), SEAL_LENGTH),
        OSSL_PARAM_END,
    };
    int length, end = (int)(size - SEAL_LENGTH - header);
    make_nonce(nonce, self->keyed.salt, ssrc, index);
    return EVP_DecryptInit_ex(self->keyed.context, NULL, NULL, NULL, nonce) == 1 &&
           EVP_CIPHER_CTX_set_params(self->keyed.context, tag) == 1 &&
           EVP_DecryptUpdate(self->keyed.context, NULL, &length, packet, (int)header) == 1 &&
           EVP_DecryptUpdate(self->keyed.context, plain, &length, packet + header, end) == 1 &&
           EVP_DecryptFinal_ex(self->keyed.context, plain + end, &length) == 1;
}

static PyObject *receiver_unprotect(PyObject *object, PyObject *datagram)
{
    GcmReceiver *self = (GcmReceiver *)object;
    if (!PyBytes_Check(datagram)) {
        PyErr_SetString(PyExc_TypeError, "a datagram is bytes");
        return NULL;
    }
    const uint8_t *packet = (const uint8_t *)PyBytes_AS_STRING(datagram);
    size_t size = (size_t)PyBytes_GET_SIZE(datagram), header = header_length(packet, size);
    if (header == 0)
        Py_RETURN_NONE;
    uint32_t ssrc = get_u32(packet + 8);
    size_t at = stream_at(self, ssrc);
    Stream *stream = at < self->count ? self->streams[at] : NULL;
    int64_t index = guess_index(stream, get_u16(packet + 2));
    if (!is_new(stream, index))
        Py_RETURN_NONE;
    PyObject *opened = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(size - SEAL_LENGTH));
    if (opened == NULL)
        return NULL;
    uint8_t *plain = (uint8_t *)PyBytes_AS_STRING(opened);
    memcpy(plain, packet, header);
    if (!gcm_open(self, ssrc, index, packet, header, size, plain + header) ||
        (stream == NULL && (stream = add_stream(self, ssrc, index)) == NULL)) {
        Py_DECREF(opened);
        Py_RETURN_NONE;
    }
    note(stream, index); /* only now: a forged packet changes nothing */
    return opened;
}

static PyObject *receiver_forget(PyObject *object, PyObject *argument)
{
    GcmReceiver *self = (GcmReceiver *)object;
    unsigned long ssrc = PyLong_AsUnsignedLong(argument);
    if (PyErr_Occurred())
        return NULL;
    size_t at = stream_at(self, (uint32_t)ssrc);
    if (at < self->count) {
        PyMem_Free(self->streams[at]);
        self->streams[at] = self->streams[--self->count];
    }
    Py_RETURN_NONE;
}

static PyObject *receiver_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    return keyed_new(type, arguments, keywords, 0);
}

static void receiver_dealloc(PyObject *object)
{
    GcmReceiver *self = (GcmReceiver *)object;
    EVP_CIPHER_CTX_free(self->keyed.context); /* wipes the key */
    while (self->count)
        PyMem_Free(self->streams[--self->count]);
    PyMem_Free(self->streams);
    Py_TYPE(self)->tp_free(self);
}

static PyMethodDef receiver_methods[] = {
    {"unprotect", receiver_unprotect, METH_O, NULL},
    {"forget", receiver_forget, METH_O, NULL},
    {NULL},
};

PyTypeObject GcmReceiverType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "relay_native.GcmReceiver",
    .tp_basicsize = sizeof(GcmReceiver),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = receiver_new,
    .tp_dealloc = receiver_dealloc,
    .tp_methods = receiver_methods,
};
