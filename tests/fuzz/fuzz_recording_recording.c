/* SPDX-License-Identifier: Apache-2.0
 * Recordings of every format, chosen by the first byte. The rows are sorted and unique. */
#include "proto/recording/recording.h"

#include <stdlib.h>

static void count(void *owner, const char *why)
{
	if (why[0] == '\0')
		abort();
	++*(size_t *)owner;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recording w;
	char why[LIMIT_WHY];
	if (size == 0)
		return 0;
	enum recording_format format = (enum recording_format)(data[0] % (RECORDING_VALUEOID + 1));
	enum recording_keep keep =
		(data[0] & 0x80) != 0 ? RECORDING_KEEP_LAST : RECORDING_KEEP_FIRST;
	/* A recording that is read without an error has no damaged line. */
	int strict = recording_parse(&w, format, keep, data + 1, size - 1, why);
	if (strict < 0 && (why[0] == '\0' || w.rows != NULL))
		abort();
	recording_close(&w);
	size_t damaged = 0;
	if (recording_parse_lenient(&w, format, keep, data + 1, size - 1, count, &damaged, why) <
		0) {
		if (why[0] == '\0' || w.rows != NULL || strict == 0)
			abort();
		return 0;
	}
	if (w.damaged != damaged || (strict == 0) != (damaged == 0))
		abort();
	for (size_t i = 0; i < w.count; i++) {
		if (oid_ber_check(w.rows[i].name) < 0)
			abort();
		if (i > 0 && oid_ber_compare(w.rows[i - 1].name, w.rows[i].name) >= 0)
			abort();
	}
	recording_close(&w);
	return 0;
}
