/* SPDX-License-Identifier: Apache-2.0
 * Loaded before a program's libraries (LD_PRELOAD), it holds the first rename() to a path that ends
 * with HOLD_RENAME_TO: it opens the FIFO HOLD_RENAME_FIFO and goes on when a test has opened and
 * closed the other end. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void hold(const char *fifo)
{
	char byte;
	int fd = open(fifo, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && read(fd, &byte, 1) > 0)
		;
	if (fd >= 0)
		(void)close(fd);
}

int rename(const char *from, const char *to)
{
	static atomic_flag was_held = ATOMIC_FLAG_INIT;
	const char *end = getenv("HOLD_RENAME_TO"), *fifo = getenv("HOLD_RENAME_FIFO");
	size_t len = strlen(to), end_len = end == NULL ? 0 : strlen(end);
	if (end_len > 0 && fifo != NULL && len >= end_len && strcmp(to + len - end_len, end) == 0 &&
		!atomic_flag_test_and_set(&was_held))
		hold(fifo);
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
