/* SPDX-License-Identifier: Apache-2.0
 * Search for printers by multicast DNS (proto/mdns/mdns.h), on every link of this machine, by
 * IPv4 and by IPv6: addresses for a scan to look at. Any host of a link can send such a response;
 * the scan polls them to identify them. The IPv6 address of a response is the printer's link-local
 * address, which is good on that link only.
 *
 * mdns_start: a negative return means that on_end never comes; after 0 it comes exactly once, never
 * before mdns_start has returned; then the addresses can be read until mdns_close. */
#ifndef PLATEN_FLEET_MDNS_QUERY_H
#define PLATEN_FLEET_MDNS_QUERY_H

#include "engine/conf/range.h"
#include "proto/base/err.h"
#include "engine/loop/loop.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

struct mdns;

/* `to`: NULL is the groups, 224.0.0.251 and ff02::fb, at each interface that is up; else whom to
 * ask, with its port. */
int mdns_start(struct mdns **ret, struct loop *l, const struct sockaddr *to, uint64_t wait_ms,
	void (*on_end)(void *owner), void *owner) MUST_USE;

size_t mdns_count(const struct mdns *m);
/* The i-th address, alone in a range. */
struct conf_range mdns_at(const struct mdns *m, size_t i);

/* Also before on_end, which then does not come. NULL is harmless. */
void mdns_close(struct mdns *m);

#endif
