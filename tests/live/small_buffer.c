/* SPDX-License-Identifier: Apache-2.0
 * Loaded before a program's libraries (LD_PRELOAD), it makes this kernel's socket buffers those of
 * a machine as Debian delivers it: no receive buffer is larger than net.core.rmem_max's default,
 * whatever the machine of the test allows. With SMALL_BUFFER_LIES set, getsockopt tells 8 MB all
 * the same, which no kernel does: what a program would do that does not look. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DEBIAN_RMEM_MAX = 212992, LIE = 8 << 20 };

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	int wanted;
	if (level == SOL_SOCKET && name == SO_RCVBUF && len == sizeof wanted) {
		memcpy(&wanted, value, sizeof wanted);
		if (wanted > DEBIAN_RMEM_MAX)
			wanted = DEBIAN_RMEM_MAX;
		return (int)syscall(SYS_setsockopt, fd, level, name, &wanted, sizeof wanted);
	}
	return (int)syscall(SYS_setsockopt, fd, level, name, value, len);
}

int getsockopt(int fd, int level, int name, void *restrict value, socklen_t *restrict len)
{
	int result = (int)syscall(SYS_getsockopt, fd, level, name, value, len);
	if (result == 0 && level == SOL_SOCKET && name == SO_RCVBUF &&
		getenv("SMALL_BUFFER_LIES") != NULL && *len == sizeof(int))
		memcpy(value, &(int){LIE}, sizeof(int));
	return result;
}
