/* SPDX-License-Identifier: Apache-2.0
 * Lines of the control socket. A line that was read can be written, and is then read the same. */
#include "engine/ui/ctl.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct ctl_line line, again;
	if (ctl_line_read(&line, (const char *)bytes, len) < 0)
		return 0;
	struct buf b;
	buf_open(&b, 16 * LIMIT_CTL_LINE);
	if (ctl_line_write(&b, line.fields, line.count) < 0 ||
		ctl_line_read(&again, (const char *)b.data, b.len - 1) < 0)
		abort();
	if (again.count != line.count)
		abort();
	for (size_t i = 0; i < line.count; i++) {
		if (strcmp(again.fields[i].name, line.fields[i].name) != 0 ||
			strcmp(again.fields[i].value, line.fields[i].value) != 0)
			abort();
	}
	buf_close(&b);
	return 0;
}
