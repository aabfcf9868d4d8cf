/* SPDX-License-Identifier: Apache-2.0
 * An answer by multicast DNS from anybody on the link: read or refused, within its bytes. The first
 * two bytes are the id that was asked with. */
#include "proto/mdns/mdns.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint16_t id = len >= 2 ? (uint16_t)(bytes[0] << 8 | bytes[1]) : 0;
	int got = mdns_answer(bytes, len, id);
	if (got > (MDNS_IPP | MDNS_RAW))
		abort();
	if (got > 0 && mdns_answer(bytes, len, (uint16_t)(id + 1)) >= 0)
		abort(); /* accepted although it responds to another query */
	return 0;
}
