/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/loop/process.h"

#include <dirent.h>
#include <stddef.h>
#include <sys/resource.h>

uint64_t process_peak_bytes(void)
{
	struct rusage usage;
	return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

uint64_t process_open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	uint64_t n = 0;
	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n > 3 ? n - 3 : 0; /* ".", ".." and the directory itself */
}
