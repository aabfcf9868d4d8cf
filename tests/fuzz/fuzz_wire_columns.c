/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as columns, of a body of the length that the first two bytes say; and as a body. A body
 * that can be packed comes back. */
#include "proto/wire/columns.h"

#include "proto/base/limits.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t body[1u << 16], again[1u << 16];

static void pack(const uint8_t *bytes, size_t len)
{
	struct buf columns;
	if (len > sizeof again)
		return;
	buf_open(&columns, LIMIT_BATCH_RAW);
	if (columns_pack(&columns, bytes, len) == 0) {
		if (columns_unpack(again, len, columns.data, columns.len) != 0 ||
			memcmp(again, bytes, len) != 0)
			abort();
	} else if (columns.len != 0) {
		abort();
	}
	buf_close(&columns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	pack(data, size);
	if (size < 2)
		return 0;
	size_t len = (size_t)data[0] << 8 | data[1];
	if (columns_unpack(body, len, data + 2, size - 2) == 0)
		pack(body, len);
	return 0;
}
