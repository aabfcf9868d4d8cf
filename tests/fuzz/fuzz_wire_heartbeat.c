/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as a heartbeat and as the response to one: a message that was read packs again and
 * reads the same. */
#include "proto/wire/heartbeat.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_heartbeat(const struct heartbeat *h)
{
	uint8_t mem[LIMIT_HEARTBEAT];
	struct heartbeat again;
	struct buf b;
	buf_over(&b, mem, sizeof mem);
	if (heartbeat_pack(&b, h) < 0 || heartbeat_unpack(&again, b.data, b.len) < 0 ||
		again.number != h->number || again.known != h->known ||
		!text_is_equal(again.software, h->software))
		abort();
}

static void check_response(const struct heartbeat_response *r)
{
	uint8_t mem[LIMIT_HEARTBEAT];
	struct heartbeat_response again;
	struct buf b;
	buf_over(&b, mem, sizeof mem);
	if (heartbeat_response_pack(&b, r) < 0 ||
		heartbeat_response_unpack(&again, b.data, b.len) < 0 || again.work != r->work ||
		again.received_at_ms != r->received_at_ms)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heartbeat h;
	struct heartbeat_response r;
	if (heartbeat_unpack(&h, data, size) == 0)
		check_heartbeat(&h);
	if (heartbeat_response_unpack(&r, data, size) == 0)
		check_response(&r);
	return 0;
}
