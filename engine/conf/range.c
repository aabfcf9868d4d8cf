/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/conf/range.h"

#include "engine/conf/nets.h"

#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static int parse_address(uint8_t dst[16], bool *is_v6, const char *text)
{
	memset(dst, 0, 16);
	*is_v6 = strchr(text, ':') != NULL;
	return inet_pton(*is_v6 ? AF_INET6 : AF_INET, text, dst) == 1 ? 0 : ERR_FORMAT;
}

/* dst = address + n, over the last 4 bytes; the ranges that we make never carry further. */
static void add(uint8_t *dst, const uint8_t *address, size_t width, uint32_t n)
{
	memmove(dst, address, width);
	uint64_t carry = n;
	for (size_t i = width; i > 0 && carry > 0; i--) {
		carry += dst[i - 1];
		dst[i - 1] = (uint8_t)carry;
		carry >>= 8;
	}
}

static int say(char *why, size_t cap, const char *text)
{
	(void)str_copy(why, cap, text);
	return ERR_CONF;
}

static int too_many(char *why, size_t cap, bool is_v6)
{
	(void)snprintf(why, cap, "holds more than %d addresses%s", LIMIT_CONF_RANGE,
		is_v6 ? "; of IPv6 name single ones, or let multicast DNS find them" : "");
	return ERR_CONF;
}

/* A packet to a group, or to 255.255.255.255, reaches many hosts at once. */
static bool is_group(const struct conf_range *r, uint32_t i)
{
	uint8_t at[16];
	add(at, r->first, r->is_v6 ? 16 : 4, i);
	return r->is_v6 ? at[0] == 0xff : at[0] >= 224;
}

static int parse_network(struct conf_range *r, const char *prefix_text, char *why, size_t why_cap)
{
	size_t width = r->is_v6 ? 16 : 4;
	uint64_t prefix;
	if (str_to_u64(prefix_text, 0, width * 8, &prefix) < 0) {
		(void)snprintf(why, why_cap, "has a prefix length that is not 0 to %zu", width * 8);
		return ERR_CONF;
	}
	unsigned host_bits = (unsigned)(width * 8 - prefix);
	if (host_bits >= 32 || (1u << host_bits) > LIMIT_CONF_RANGE)
		return too_many(why, why_cap, r->is_v6);
	struct conf_net network = {.prefix = (uint8_t)prefix, .is_v6 = r->is_v6};
	memcpy(network.bytes, r->first, sizeof network.bytes);
	int err = conf_net_check(&network, why, why_cap);
	if (err < 0)
		return err;
	r->count = 1u << host_bits;
	if (!r->is_v6 && host_bits >= 2) {
		/* The network address and the broadcast address are no hosts. */
		add(r->first, r->first, width, 1);
		r->count -= 2;
	}
	return 0;
}

static int parse_last(struct conf_range *r, const char *last_text, char *why, size_t why_cap)
{
	uint8_t last[16];
	bool is_v6;
	if (parse_address(last, &is_v6, last_text) < 0)
		return say(why, why_cap, "does not end with a whole address");
	if (is_v6 != r->is_v6)
		return say(why, why_cap, "mixes IPv4 and IPv6");
	size_t width = is_v6 ? 16 : 4;
	if (memcmp(last, r->first, width) < 0)
		return say(why, why_cap, "ends before it begins");
	/* The difference fits 32 bits if everything before the last 4 bytes is equal, or one
	 * apart; anything else is too many anyway. */
	uint64_t low[2] = {0, 0};
	for (size_t i = width >= 8 ? width - 8 : 0; i < width; i++) {
		low[0] = low[0] << 8 | r->first[i];
		low[1] = low[1] << 8 | last[i];
	}
	bool is_far = width == 16 && memcmp(last, r->first, 8) != 0;
	if (is_far || low[1] - low[0] >= LIMIT_CONF_RANGE)
		return too_many(why, why_cap, r->is_v6);
	r->count = (uint32_t)(low[1] - low[0]) + 1;
	return 0;
}

static bool is_link_local(const struct conf_range *r)
{
	return r->is_v6 && r->first[0] == 0xfe && (r->first[1] & 0xc0) == 0x80;
}

/* One address of a link, "fe80::1%eth0". The name of an interface may hold '-'. */
static int parse_scoped(struct conf_range *ret, const char *text, char *why, size_t why_cap)
{
	char address[INET6_ADDRSTRLEN];
	struct conf_range r = {.count = 1};
	size_t n = strcspn(text, "%");
	if (n >= sizeof address)
		return say(why, why_cap, "is not an address");
	memcpy(address, text, n);
	address[n] = '\0';
	if (parse_address(r.first, &r.is_v6, address) < 0)
		return say(why, why_cap, "is not an address");
	if (!is_link_local(&r))
		return say(
			why, why_cap, "names an interface, which only addresses of fe80::/10 do");
	r.scope = if_nametoindex(text + n + 1);
	if (r.scope == 0)
		return say(why, why_cap, "names an interface that is not there");
	*ret = r;
	return 0;
}

/* Refuses addresses that are no machine's, or that are written in another way. */
static int check_kind(const struct conf_range *r, char *why, size_t why_cap)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	static const uint8_t zero[16];
	if (is_group(r, 0) || is_group(r, r->count - 1))
		return say(why, why_cap, "holds addresses of groups (multicast, broadcast)");
	if (!r->is_v6 && r->first[0] == 0)
		return say(why, why_cap, "is in 0.0.0.0/8, where no machine is");
	if (r->is_v6 && memcmp(r->first, mapped, sizeof mapped) == 0)
		return say(why, why_cap, "is IPv4 in IPv6's dress: write it as IPv4");
	if (r->is_v6 && r->count == 1 && memcmp(r->first, zero, sizeof zero) == 0)
		return say(why, why_cap, "is no address of a machine");
	return 0;
}

static int parse_addresses(struct conf_range *ret, const char *text, char *why, size_t why_cap)
{
	char first[INET6_ADDRSTRLEN];
	if (strchr(text, '%') != NULL)
		return parse_scoped(ret, text, why, why_cap);
	size_t n = strcspn(text, "/-");
	if (n >= sizeof first)
		return say(why, why_cap, "is not an address");
	memcpy(first, text, n);
	first[n] = '\0';
	struct conf_range r = {.count = 1};
	if (parse_address(r.first, &r.is_v6, first) < 0)
		return say(why, why_cap,
			text[n] == '\0' ? "is not an address" : "does not begin with an address");
	if (is_link_local(&r))
		return say(why, why_cap,
			"is of one link only: it needs its interface, as fe80::1%eth0, and comes "
			"alone");
	int err = 0;
	if (text[n] == '/')
		err = parse_network(&r, text + n + 1, why, why_cap);
	else if (text[n] == '-')
		err = parse_last(&r, text + n + 1, why, why_cap);
	if (err == 0)
		err = check_kind(&r, why, why_cap);
	if (err == 0)
		*ret = r;
	return err;
}

/* Copies the addresses of "10.1.4.7:1161" or "[2001:db8::7]:1161" without brackets, and reads the
 * port (0: there is none). A colon without brackets is a port's if it is the only one. */
static int split_port(char *dst, size_t cap, const char *text, uint16_t *ret_port)
{
	bool has_brackets = text[0] == '[';
	const char *from = has_brackets ? text + 1 : text;
	const char *end = has_brackets ? strchr(from, ']') : strchr(from, ':');
	const char *colon = end == NULL ? NULL : has_brackets ? end + 1 : end;
	uint64_t port = 0;
	*ret_port = 0;
	if (has_brackets && (end == NULL || (*colon != ':' && *colon != '\0')))
		return ERR_FORMAT;
	if (colon != NULL && !has_brackets && strchr(colon + 1, ':') != NULL)
		colon = end = NULL; /* IPv6 */
	size_t len = end != NULL ? (size_t)(end - from) : strlen(from);
	if (len >= cap)
		return ERR_FORMAT;
	memcpy(dst, from, len);
	dst[len] = '\0';
	if (colon != NULL && *colon == ':' && str_to_u64(colon + 1, 1, UINT16_MAX, &port) < 0)
		return ERR_LIMIT;
	*ret_port = (uint16_t)port;
	return 0;
}

int conf_range_parse(struct conf_range *ret, const char *text, char *why, size_t why_cap)
{
	char addresses[2 * CONF_HOST_TEXT];
	uint16_t port;
	int err = split_port(addresses, sizeof addresses, text, &port);
	if (err < 0)
		return say(why, why_cap,
			err == ERR_LIMIT ? "has a port that is not 1 to 65535"
					 : "is not an address");
	err = parse_addresses(ret, addresses, why, why_cap);
	if (err == 0)
		ret->port = port;
	return err;
}

void conf_range_at(const struct conf_range *r, uint32_t i, uint16_t port, void *dst)
{
	port = r->port != 0 ? r->port : port;
	if (r->is_v6) {
		struct sockaddr_in6 a = {.sin6_family = AF_INET6,
			.sin6_port = htons(port),
			.sin6_scope_id = r->scope};
		add(a.sin6_addr.s6_addr, r->first, 16, i);
		memcpy(dst, &a, sizeof a);
		return;
	}
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
	uint8_t bytes[4];
	add(bytes, r->first, 4, i);
	memcpy(&a.sin_addr, bytes, 4);
	memcpy(dst, &a, sizeof a);
}

void conf_range_host(char dst[CONF_HOST_TEXT], const struct sockaddr *sa)
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;
	char zone[IF_NAMESIZE];
	dst[0] = '\0';
	if (sa->sa_family != AF_INET6) {
		(void)inet_ntop(AF_INET, &in4->sin_addr, dst, INET6_ADDRSTRLEN);
		return;
	}
	(void)inet_ntop(AF_INET6, &in6->sin6_addr, dst, INET6_ADDRSTRLEN);
	size_t len = strlen(dst);
	if (in6->sin6_scope_id == 0)
		return;
	if (if_indextoname(in6->sin6_scope_id, zone) != NULL)
		(void)snprintf(dst + len, CONF_HOST_TEXT - len, "%%%s", zone);
	else /* an interface that is gone */
		(void)snprintf(dst + len, CONF_HOST_TEXT - len, "%%%u", in6->sin6_scope_id);
}

struct address_text address_text(const struct sockaddr *sa)
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;
	struct address_text ret;
	char host[CONF_HOST_TEXT];
	conf_range_host(host, sa);
	if (sa->sa_family == AF_INET6)
		(void)snprintf(ret.text, sizeof ret.text, "[%s]:%u", host, ntohs(in6->sin6_port));
	else
		(void)snprintf(ret.text, sizeof ret.text, "%s:%u", host, ntohs(in4->sin_port));
	return ret;
}
