/* SPDX-License-Identifier: Apache-2.0
 * Ranges of addresses as people write them: "10.1.4.7", "10.1.4.0/24", "10.1.4.10-10.1.4.99", and
 * the same for IPv6. Numeric addresses only: a name would need the network. A link-local address
 * comes alone and with its interface, "fe80::1%eth0". Pure, but that the kernel is asked for the
 * interface's number. */
#ifndef PLATEN_CONF_RANGE_H
#define PLATEN_CONF_RANGE_H

#include "proto/base/err.h"
#include "proto/base/limits.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf_range {
	bool is_v6;
	uint8_t first[16]; /* network order; IPv4 in the first 4 */
	uint32_t count;    /* 1 .. LIMIT_CONF_RANGE */
	uint32_t scope;    /* of a link-local address: its interface's number; else 0 */
	uint16_t port; /* as written behind it ("10.1.4.7:1161", "[2001:db8::7]:1161"); 0: none */
};

/* Room for an address of either family. */
union address {
	struct sockaddr sa;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
};

/* "fe80::1%eth0" with its NUL. */
enum { CONF_HOST_TEXT = INET6_ADDRSTRLEN + IF_NAMESIZE };

/* 0, or ERR_CONF with a short reason in `why` ("is not an address", ...). */
int conf_range_parse(struct conf_range *ret, const char *text, char *why, size_t why_cap) MUST_USE;

/* Whether the text is a DNS name, with a port behind it if wanted ("printer7.example.net:1161"):
 * the length of the name, and the port (0: none). */
bool conf_name_parse(const char *text, size_t *ret_len, uint16_t *ret_port);

/* The i-th address, i < count, with the port that was written behind the range, else `port`. `dst`
 * has room for a sockaddr_in6. */
void conf_range_at(const struct conf_range *r, uint32_t i, uint16_t port, void *dst);

/* An address without its port, as conf_range_parse accepts it. */
void conf_range_host(char dst[CONF_HOST_TEXT], const struct sockaddr *sa);

/* The same with its port: "10.1.4.7:161", "[fe80::1%eth0]:161". */
struct address_text {
	char text[LIMIT_ADDRESS];
};
struct address_text address_text(const struct sockaddr *sa);

#endif
