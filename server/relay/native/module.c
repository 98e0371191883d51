#include "relay_native.h"

static PyMethodDef functions[] = {
    {"fan_out", (PyCFunction)(void (*)(void))fan_out, METH_FASTCALL, NULL},
    {"split", split, METH_O, NULL},
    {NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "relay_native",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit_relay_native(void)
{
    const char *wanted = getenv("RELAY_NATIVE");
    if (wanted != NULL && strcmp(wanted, "0") == 0) {
        PyErr_SetString(PyExc_ImportError, "switched off by RELAY_NATIVE=0");
        return NULL;
    }
    PyTypeObject *types[] = {&GcmReceiverType, &GcmSenderType, &LegType, &OutletType, &UdpPortType, &UdpWriterType};
    PyObject *module = intern_names() ? PyModule_Create(&definition) : NULL;
    if (module != NULL && PyModule_AddStringConstant(module, "SOURCES", SOURCES) != 0)
        Py_CLEAR(module);
    for (size_t i = 0; module != NULL && i < sizeof types / sizeof *types; i++)
        if (PyModule_AddType(module, types[i]) != 0)
            Py_CLEAR(module);
    return module;
}
