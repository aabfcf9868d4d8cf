/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/log_capture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int saved = -1;

void log_capture(int fd)
{
	saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (saved < 0 || dup2(fd, STDERR_FILENO) < 0)
		abort();
}

void log_restore(void)
{
	if (dup2(saved, STDERR_FILENO) < 0 || close(saved) < 0)
		abort();
}
