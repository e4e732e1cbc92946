"""Becomes another program that the kernel ends when our parent dies, even if the parent was killed with -9.

    python -I -S tether.py PARENT_PID SIGNAL USER PROGRAM [ARGUMENT...]

A separate step, and not `preexec_fn`, because running Python between fork and exec is unsafe with threads. USER is a
name or "-"; the change of user comes first, as it clears the parent-death signal. Where prctl does not exist (not
Linux) the program runs untethered.
"""

import ctypes
import os
import pwd
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, signal_number, user = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    if user != "-":
        account = pwd.getpwnam(user)
        os.initgroups(user, account.pw_gid)
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:  # it died before the tether held
        sys.exit(1)
    os.execvp(sys.argv[4], sys.argv[4:])


if __name__ == "__main__":
    main()
