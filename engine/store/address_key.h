/* SPDX-License-Identifier: Apache-2.0
 * An address with its port as bytes that can be compared, hashed and stored: family (4 or 6), port,
 * address, scope; 0 where IPv4 has none. */
#ifndef PLATEN_STORE_ADDRESS_KEY_H
#define PLATEN_STORE_ADDRESS_KEY_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { ADDRESS_KEY_BYTES = 23 };

struct address_key {
	uint8_t bytes[ADDRESS_KEY_BYTES];
};

static inline struct address_key address_key_of(const struct sockaddr *sa)
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;
	bool is_v6 = sa->sa_family == AF_INET6;
	struct address_key key = {{is_v6 ? 6 : 4}};
	memcpy(key.bytes + 1, is_v6 ? &in6->sin6_port : &in4->sin_port, 2);
	if (is_v6) {
		memcpy(key.bytes + 3, &in6->sin6_addr, 16);
		memcpy(key.bytes + 19, &in6->sin6_scope_id, 4);
	} else {
		memcpy(key.bytes + 3, &in4->sin_addr, 4);
	}
	return key;
}

static inline bool address_is_same(const struct sockaddr *a, const struct sockaddr *b)
{
	struct address_key x = address_key_of(a), y = address_key_of(b);
	return memcmp(&x, &y, sizeof x) == 0;
}

#endif
