/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as coverage: as a head, and as rows. A row that was read packs again and reads the
 * same. */
#include "proto/wire/coverage.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_row(const struct coverage_row *row)
{
	uint8_t mem[2 * LIMIT_COVERAGE_ROW];
	struct coverage_row again;
	struct buf b;
	buf_over(&b, mem, sizeof mem);
	if (coverage_row_pack(&b, row) < 0)
		abort();
	if (coverage_row_unpack(&again, b.data, b.len) != (int)b.len ||
		again.complete_s != row->complete_s || again.attempt_s != row->attempt_s ||
		again.reason != row->reason || again.address.len != row->address.len ||
		again.device_len != row->device_len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct coverage_head head;
	struct coverage_row row;
	int n = coverage_head_unpack(&head, data, size);
	if (n == 0 && head.body_raw_len > LIMIT_BATCH_RAW)
		abort();
	for (size_t at = 0; at < size; at += (size_t)n) {
		n = coverage_row_unpack(&row, data + at, size - at);
		if (n <= 0)
			break;
		check_row(&row);
	}
	return 0;
}
