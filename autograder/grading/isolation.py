"""How a process of the worker locks itself up before it runs a submission. Linux, standard library only."""

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct

_MEGABYTE = 1 << 20
MEMORY = 1024 * _MEGABYTE  # address space, beyond what is loaded already
FILE_SIZE = 16 * _MEGABYTE
N_FILES = 64
N_PROCESSES = 24

_NEW_NAMESPACES = {
    "mount": 0x0002_0000,
    "cgroup": 0x0200_0000,
    "uts": 0x0400_0000,
    "ipc": 0x0800_0000,
    "user": 0x1000_0000,
    "pid": 0x2000_0000,
    "net": 0x4000_0000,
}
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_CAPBSET_DROP = 1, 4, 22, 24
_PR_SET_NO_NEW_PRIVS = 38
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_RDONLY = 2, 4, 8, 1
_MS_REC, _MS_PRIVATE = 1 << 14, 1 << 18

# a folder of one's own in memory for each child: bytes
HOME = "/submission"  # a place that nothing of the system, and no Python, lies in
PRIVATE_FOLDERS = {HOME: 48 * _MEGABYTE, "/dev/shm": 16 * _MEGABYTE}

_libc = ctypes.CDLL(None, use_errno=True)
_libc_with_lock = ctypes.PyDLL(None, use_errno=True)  # of which a call keeps the interpreter's lock

# what no submission needs: numbers of the system calls on x86-64 and on 64-bit ARM
_ALWAYS_DENIED = {
    "socket": (41, 198),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "open_by_handle_at": (304, 265),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "personality": (135, 92),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    # memory that belongs to no process, so that no limit counts it
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
}
# what the worker itself needs to prepare a child
_DENIED_TO_CHILDREN = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
}
_CLONE, _CLONE3 = (56, 220), (435, 435)
# number in the audit headers of the kernel, and column of the tables above
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_X32 = 0x4000_0000  # system calls of another numbering on x86-64
_EPERM, _ENOSYS = 1, 38


def seccomp_filter(for_child):
    """Classic BPF program that denies system calls, as the kernel and bubblewrap take it.

    Parameters
    ----------
    for_child : bool
        Whether to deny new namespaces and mounts as well.

    Returns
    -------
    program : bytes
        Instructions of 8 bytes each.

    Raises
    ------
    OSError
        On a processor whose system calls are not listed here.
    """
    if platform.machine() not in _ARCHITECTURES:
        raise OSError(f"no table of system calls for {platform.machine()}")
    audit_number, column = _ARCHITECTURES[platform.machine()]
    load, equal, at_least, any_bit, end = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, deny, kill = 0x7FFF0000, 0x00050000, 0x80000000
    program = [(load, 0, 0, 4), (equal, 1, 0, audit_number), (end, 0, 0, kill), (load, 0, 0, 0)]
    program += [(at_least, 0, 1, _X32), (end, 0, 0, deny | _EPERM)]
    denied = {**_ALWAYS_DENIED, **(_DENIED_TO_CHILDREN if for_child else {})}
    for numbers in denied.values():
        program += [(equal, 0, 1, numbers[column]), (end, 0, 0, deny | _EPERM)]
    if for_child:
        # the C library falls back to clone, whose flags a filter can see
        program += [(equal, 0, 1, _CLONE3[column]), (end, 0, 0, deny | _ENOSYS)]
        namespaces = sum(_NEW_NAMESPACES.values())
        program += [(equal, 0, 3, _CLONE[column]), (load, 0, 0, 16)]
        program += [(any_bit, 0, 1, namespaces), (end, 0, 0, deny | _EPERM)]
    program.append((end, 0, 0, allow))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)


def hide_memory():
    """Keep other processes of this user from reading or tracing this one."""
    _prctl(_PR_SET_DUMPABLE, 0)


def die_with_parent():
    """Let this process be killed when the thread that started it ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def become_unprivileged():
    """Give up being root: limits on processes do not bind root."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)


def fork_into_namespaces():
    """Fork a process that is the first of its own namespaces; returns its PID, and 0 in it.

    Forking after ``unshare`` would need a process between the two, and as long again: what takes
    the time is to copy the tables of all the memory.
    """
    # cgroups and network are the worker's own already: neither can be reached from a child, which has no
    # /proc or /sys and may not open a socket, and a new network for each child takes long to make and to end
    new = [number for name, number in _NEW_NAMESPACES.items() if name not in ("cgroup", "net")]
    number = _CLONE[_ARCHITECTURES[platform.machine()][1]]
    ctypes.pythonapi.PyOS_BeforeFork()
    pid = _libc_with_lock.syscall(number, ctypes.c_long(sum(new) | signal.SIGCHLD), None, None, None, None)
    if pid:
        ctypes.pythonapi.PyOS_AfterFork_Parent()
        _check(pid < 0, "clone")
        return pid
    ctypes.pythonapi.PyOS_AfterFork_Child()
    return 0


def name_user(uid, gid):
    """Give the user, who has been this one outside, an ordinary number in the new namespace."""
    _prctl(_PR_SET_DUMPABLE, 1)  # to be allowed to write its own maps
    for name, text in (("setgroups", "deny"), ("uid_map", f"1000 {uid} 1"), ("gid_map", f"1000 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def close_in():
    """Lock this process, the first of its namespaces, up for good."""
    _check(_libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None), "mount")
    hidden = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC | _MS_RDONLY
    _mount_memory("/proc", hidden, "size=4k")
    for folder, size in PRIVATE_FOLDERS.items():
        if os.path.isdir(folder):
            _mount_memory(folder, _MS_NOSUID | _MS_NODEV, f"size={size},nr_inodes=4096,mode=0700")
    os.chdir(HOME)
    for capability in range(64):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = struct.pack("<Ii", 0x20080522, 0)
    _check(_libc.capset(header, bytes(24)), "capset")
    die_with_parent()
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    program = seccomp_filter(for_child=True)
    instructions = ctypes.create_string_buffer(program, len(program))
    pointer = struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions))
    mode_filter = 2
    _check(_libc.prctl(_PR_SET_SECCOMP, mode_filter, pointer, 0, 0), "seccomp")


def limit(cpu_seconds):
    """Limit what this process and its children may use."""
    soft = {
        "RLIMIT_CPU": cpu_seconds,
        "RLIMIT_AS": _address_space() + MEMORY,
        "RLIMIT_FSIZE": FILE_SIZE,
        "RLIMIT_NOFILE": N_FILES,
        "RLIMIT_NPROC": N_PROCESSES,
        "RLIMIT_CORE": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_MEMLOCK": _MEGABYTE,
    }
    for name, value in soft.items():
        if hasattr(resource, name):
            with contextlib.suppress(ValueError, OSError):  # macOS refuses some of them
                resource.setrlimit(getattr(resource, name), (value, value))


def _address_space():
    """Bytes of this process's address space, before ``/proc`` is gone."""
    return _ADDRESS_SPACE[0]


_ADDRESS_SPACE = [4096 * _MEGABYTE]


def remember_address_space():
    """Note how large the address space is now; children may use `MEMORY` more."""
    with contextlib.suppress(OSError), open("/proc/self/statm") as file:
        _ADDRESS_SPACE[0] = int(file.read().split()[0]) * resource.getpagesize()


def memory_in_use(except_for):
    """Bytes of memory of all processes that can be seen, except for some."""
    total = 0
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) not in except_for:
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/statm") as file:
                total += int(file.read().split()[1]) * resource.getpagesize()
    return total


def _mount_memory(folder, flags, options):
    result = _libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", flags, options.encode())
    _check(result, f"mount {folder}")


def _prctl(option, value):
    _check(_libc.prctl(option, value, 0, 0, 0), f"prctl {option}")


def _check(result, what):
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
