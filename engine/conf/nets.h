/* SPDX-License-Identifier: Apache-2.0
 * Lists of networks as people write them: "10.0.0.0/8, 2001:db8::/32, 10.1.1.7,
 * 10.1.4.10-10.1.4.99". Pure. An IPv4-mapped IPv6 address (::ffff:10.1.1.7, RFC 4291
 * section 2.5.5.2) counts as the IPv4 address, on both sides; ::/0 contains no IPv4 address. */
#ifndef PLATEN_CONF_NETS_H
#define PLATEN_CONF_NETS_H

#include "proto/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct conf_net {
	uint8_t bytes[16]; /* network order; IPv4 in the first 4; the host's bits are 0 */
	uint8_t prefix;    /* 0..32 or 0..128 */
	bool is_v6;
};

/* 0 if no bit behind the prefix is set, else ERR_CONF with a reason in `why`: "is an address in the
 * network 10.1.4.0/24, not a network itself". */
int conf_net_check(const struct conf_net *n, char *why, size_t why_cap) MUST_USE;

/* The caller owns the memory of the networks. */
struct conf_nets {
	const struct conf_net *net;
	size_t count;           /* 0: none */
	struct conf_nets *more; /* of a list of several texts: the next one; or NULL */
};

/* How many networks the text can hold at most: its commas and one. */
size_t conf_nets_max(const char *text);

/* Reads the text into nets[cap]. 0, or ERR_CONF with a sentence in `why` that begins with what was
 * read, quoted: an address with host bits set, no address at all, more than LIMIT_CONF_NETS. */
int conf_nets_parse(struct conf_nets *ret, struct conf_net *nets, size_t cap, const char *text,
	char *why, size_t why_cap) MUST_USE;

/* Whether the address is in one of them. A NULL list, and one of none, has nothing. */
bool conf_nets_has(const struct conf_nets *nets, const struct sockaddr *sa);

#endif
