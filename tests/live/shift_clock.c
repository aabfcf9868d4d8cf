/* SPDX-License-Identifier: Apache-2.0
 * Loaded before a program's libraries (LD_PRELOAD), it moves the program's wall clock forward by as
 * many milliseconds as the file SHIFT_CLOCK holds (eight bytes, little-endian), at any time. */
#include <endian.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile uint64_t *shift_ms;

__attribute__((constructor)) static void open_shift(void)
{
	const char *path = getenv("SHIFT_CLOCK");
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *shift_ms, PROT_READ, MAP_SHARED, fd, 0);
	shift_ms = at == MAP_FAILED ? NULL : at;
	if (fd >= 0)
		(void)close(fd);
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	int err = (int)syscall(SYS_clock_gettime, clock, ts);
	if (err < 0 || clock != CLOCK_REALTIME || shift_ms == NULL)
		return err;
	uint64_t ms = (uint64_t)ts->tv_nsec / 1000000 + le64toh(*shift_ms);
	ts->tv_sec += (time_t)(ms / 1000);
	ts->tv_nsec = (long)(ms % 1000) * 1000000 + ts->tv_nsec % 1000000;
	return 0;
}
