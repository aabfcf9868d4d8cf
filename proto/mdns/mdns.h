/* SPDX-License-Identifier: Apache-2.0
 * The printers of a link by multicast DNS (RFC 6762, RFC 6763): one query for two services, and
 * whether a datagram is a response to it. The query leaves from an ephemeral port, so that
 * responses are unicast and repeat its id (section 6.7). A printer's address is the source of its
 * response; names, ports and texts in it are not read. Pure. */
#ifndef PLATEN_MDNS_MDNS_H
#define PLATEN_MDNS_MDNS_H

#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { MDNS_QUERY_BYTES = 80, MDNS_PORT = 5353 };
/* 224.0.0.251, and ff02::fb of each link */
#define MDNS_GROUP 0xe00000fbu
#define MDNS_GROUP6                                                                                \
	{                                                                                          \
		0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfb                            \
	}

enum mdns_service { MDNS_IPP = 1u << 0, MDNS_RAW = 1u << 1 }; /* a mask */

/* "_ipp._tcp.local" and "_pdl-datastream._tcp.local", PTR. The length, or ERR_FULL. */
int mdns_query(uint8_t *dst, size_t cap, uint16_t id) MUST_USE;

/* The services that this answer to `id` has pointers of; 0 if none of ours. ERR_SHORT, ERR_FORMAT,
 * ERR_LIMIT: no answer, or none to this id. */
int mdns_answer(const uint8_t *bytes, size_t len, uint16_t id) MUST_USE;

#endif
