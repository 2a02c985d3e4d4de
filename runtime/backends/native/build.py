"""stub for now"""
import ctypes, hashlib, subprocess, os, tempfile
_DONE = {}
def load(source, strict=False):
    key = hashlib.sha256(source.encode()).hexdigest()[:24]
    if key not in _DONE:
        folder = "/tmp/w/native-cache"; os.makedirs(folder, exist_ok=True)
        so = f"{folder}/{key}.so"
        if not os.path.exists(so):
            open(f"{folder}/{key}.c","w").write(source)
            subprocess.run(["cc","-std=gnu11","-O3","-march=native","-fno-math-errno","-fno-trapping-math","-fassociative-math","-fno-signed-zeros","-freciprocal-math","-shared","-fPIC","-w","-o",so+".tmp",f"{folder}/{key}.c","-lm","-lpthread"],check=True)
            os.replace(so+".tmp", so)
        _DONE[key] = ctypes.CDLL(so)
    return _DONE[key]
