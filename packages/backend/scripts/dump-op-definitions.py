"""Writes TensorFlow's operation definitions (a serialised OpList) to a file.

usage: dump-op-definitions.py FOLDER_OF_LIBTENSORFLOW OUTPUT

Through the C API alone, in a process of its own: a process that loads the library this way may
crash when it ends, after the file is written.
"""

import ctypes
import os
import sys


class Buffer(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t), ("deallocator", ctypes.c_void_p)]


folder, output = sys.argv[1:]
ctypes.CDLL(f"{folder}/libtensorflow_framework.so.2", mode=ctypes.RTLD_GLOBAL)
library = ctypes.CDLL(f"{folder}/libtensorflow_cc.so.2", mode=ctypes.RTLD_GLOBAL)
library.TF_GetAllOpList.restype = ctypes.POINTER(Buffer)
buffer = library.TF_GetAllOpList().contents
with open(output, "wb") as file:
    file.write(ctypes.string_at(buffer.data, buffer.length))
os._exit(0)
