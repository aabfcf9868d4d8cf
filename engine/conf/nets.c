/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/conf/nets.h"

#include "proto/base/limits.h"
#include "proto/base/log.h"
#include "proto/base/str.h"
#include "proto/base/writer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { NET_TEXT = INET6_ADDRSTRLEN + 4 };

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static size_t width_of(const struct conf_net *n)
{
	return n->is_v6 ? 16 : 4;
}

/* Whether the first `bits` of both are the same. */
static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	size_t whole = bits / 8;
	if (memcmp(a, b, whole) != 0)
		return false;
	unsigned rest = bits % 8;
	return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

static void clear_host(uint8_t *bytes, size_t width, unsigned prefix)
{
	for (size_t bit = prefix; bit < width * 8; bit++)
		bytes[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
}

/* ::ffff:10.0.0.0/104 is 10.0.0.0/8. */
static void undress(struct conf_net *n)
{
	if (!n->is_v6 || n->prefix < 96 || memcmp(n->bytes, mapped, sizeof mapped) != 0)
		return;
	memmove(n->bytes, n->bytes + 12, 4);
	memset(n->bytes + 4, 0, 12);
	n->prefix = (uint8_t)(n->prefix - 96);
	n->is_v6 = false;
}

static int say(char *why, size_t cap, struct text word, const char *what)
{
	char shown[NET_TEXT + 16];
	(void)str_quote(shown, sizeof shown, word.p, word.len);
	(void)snprintf(why, cap, "%s %s", shown, what);
	return ERR_CONF;
}

int conf_net_check(const struct conf_net *n, char *why, size_t why_cap)
{
	uint8_t network[16];
	char text[INET6_ADDRSTRLEN] = "";
	memcpy(network, n->bytes, sizeof network);
	clear_host(network, width_of(n), n->prefix);
	if (memcmp(network, n->bytes, width_of(n)) == 0)
		return 0;
	(void)inet_ntop(n->is_v6 ? AF_INET6 : AF_INET, network, text, sizeof text);
	(void)snprintf(why, why_cap, "is an address in the network %s/%u, not a network itself",
		text, n->prefix);
	return ERR_CONF;
}

static int parse_one(struct conf_net *ret, struct text word, char *why, size_t why_cap)
{
	char text[NET_TEXT], what[LIMIT_WHY];
	struct conf_net n = {.prefix = 0};
	if (word.len == 0 || word.len >= sizeof text)
		return say(why, why_cap, word, "is not an address or a network");
	memcpy(text, word.p, word.len);
	text[word.len] = '\0';
	char *slash = strchr(text, '/');
	if (slash != NULL)
		*slash++ = '\0';
	n.is_v6 = strchr(text, ':') != NULL;
	if (inet_pton(n.is_v6 ? AF_INET6 : AF_INET, text, n.bytes) != 1)
		return say(why, why_cap, word, "is not an address or a network");
	uint64_t prefix = width_of(&n) * 8;
	if (slash != NULL && str_to_u64(slash, 0, prefix, &prefix) < 0)
		return say(why, why_cap, word,
			n.is_v6 ? "has a prefix length that is not 0 to 128"
				: "has a prefix length that is not 0 to 32");
	n.prefix = (uint8_t)prefix;
	if (conf_net_check(&n, what, sizeof what) < 0)
		return say(why, why_cap, word, what);
	undress(&n);
	*ret = n;
	return 0;
}

/* FIRST-LAST of IPv4 as the fewest networks, into room[cap]. Their number, or ERR_CONF. */
static int parse_span(
	struct conf_net *room, size_t cap, struct text word, char *why, size_t why_cap)
{
	char text[NET_TEXT];
	struct in_addr ends[2];
	if (word.len >= sizeof text)
		return say(why, why_cap, word, "is not FIRST-LAST of IPv4 addresses");
	memcpy(text, word.p, word.len);
	text[word.len] = '\0';
	char *dash = strchr(text, '-');
	if (dash != NULL)
		*dash = '\0';
	if (dash == NULL || inet_pton(AF_INET, text, &ends[0]) != 1 ||
		inet_pton(AF_INET, dash + 1, &ends[1]) != 1)
		return say(why, why_cap, word, "is not FIRST-LAST of IPv4 addresses");
	uint64_t at = ntohl(ends[0].s_addr), last = ntohl(ends[1].s_addr);
	if (at > last)
		return say(why, why_cap, word, "ends before it begins");
	size_t count = 0;
	for (; at <= last; count++) {
		unsigned bits = 0;
		while (bits < 32 && (at >> bits & 1) == 0 && at + (UINT64_C(2) << bits) - 1 <= last)
			bits++;
		if (count == cap)
			return say(why, why_cap, word, "is too many networks for one text");
		uint32_t network = htonl((uint32_t)at);
		room[count] = (struct conf_net){.prefix = (uint8_t)(32 - bits)};
		memcpy(room[count].bytes, &network, sizeof network);
		at += UINT64_C(1) << bits;
	}
	return (int)count;
}

/* FIRST-LAST of IPv4 is SPAN_MAX networks at most. */
enum { SPAN_MAX = 62 };

size_t conf_nets_max(const char *text)
{
	size_t n = 1;
	for (; *text != '\0'; text++)
		n += *text == ',' ? 1 : *text == '-' ? SPAN_MAX : 0;
	return n;
}

int conf_nets_parse(struct conf_nets *ret, struct conf_net *nets, size_t cap, const char *text,
	char *why, size_t why_cap)
{
	size_t count = 0;
	struct text word;
	while (text_take_entry(&text, &word)) {
		if (count == cap || count == LIMIT_CONF_NETS) {
			(void)snprintf(why, why_cap,
				"holds more than %zu networks: write them as a list, one a line",
				count);
			return ERR_CONF;
		}
		bool is_span = word.len > 0 && memchr(word.p, '-', word.len) != NULL;
		int n = is_span ? parse_span(nets + count, cap - count, word, why, why_cap)
				: parse_one(&nets[count], word, why, why_cap);
		if (n < 0)
			return n;
		count += is_span ? (size_t)n : 1;
	}
	*ret = (struct conf_nets){.net = nets, .count = count};
	return 0;
}

/* A single address as a network. */
static bool take_address(struct conf_net *ret, const struct sockaddr *sa)
{
	*ret = (struct conf_net){.prefix = 32};
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in4;
		memcpy(&in4, sa, sizeof in4);
		memcpy(ret->bytes, &in4.sin_addr, 4);
		return true;
	}
	if (sa->sa_family != AF_INET6)
		return false;
	struct sockaddr_in6 in6;
	memcpy(&in6, sa, sizeof in6);
	memcpy(ret->bytes, &in6.sin6_addr, 16);
	ret->prefix = 128;
	ret->is_v6 = true;
	undress(ret);
	return true;
}

bool conf_nets_has(const struct conf_nets *nets, const struct sockaddr *sa)
{
	struct conf_net a;
	if (!take_address(&a, sa))
		return false;
	for (; nets != NULL; nets = nets->more) {
		for (size_t i = 0; i < nets->count; i++) {
			const struct conf_net *n = &nets->net[i];
			if (n->is_v6 == a.is_v6 && same_bits(n->bytes, a.bytes, n->prefix))
				return true;
		}
	}
	return false;
}
