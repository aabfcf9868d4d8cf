/* SPDX-License-Identifier: Apache-2.0
 * Printers that devices.targets names by a DNS name. */
#include "engine/conf/range.h"

#include "engine/conf/conf.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <ctype.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

/* Letters, digits, hyphens and underscores between points; the first label has a letter, so that a
 * mistyped address is not a name. */
static bool is_name(const char *text, size_t len)
{
	size_t label = strcspn(text, ".");
	bool has_letter = false;
	for (size_t i = 0; i < len; i++) {
		bool is_good = isalnum((unsigned char)text[i]) || strchr("-_.", text[i]) != NULL;
		bool is_empty = text[i] == '.' && (i == 0 || text[i - 1] == '.');
		if (!is_good || is_empty)
			return false;
		has_letter |= i < label && isalpha((unsigned char)text[i]);
	}
	return has_letter && text[0] != '-';
}

bool conf_name_parse(const char *text, size_t *ret_len, uint16_t *ret_port)
{
	uint64_t port = 0;
	size_t len = strcspn(text, ":");
	*ret_len = len;
	if (len == 0 || len > LIMIT_HOST || !is_name(text, len) ||
		(text[len] == ':' && str_to_u64(text + len + 1, 1, UINT16_MAX, &port) < 0))
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

/* As of a written address: none of a group, of no machine, or of IPv4 in IPv6's dress. */
static bool is_usable(const struct sockaddr *sa)
{
	struct conf_range range;
	char host[CONF_HOST_TEXT], why[LIMIT_WHY];
	if (sa->sa_family != AF_INET && sa->sa_family != AF_INET6)
		return false;
	conf_range_host(host, sa);
	return conf_range_parse(&range, host, why, sizeof why) == 0;
}

/* A name with several addresses keeps the one that it has, in whatever order they come; else the
 * first one. */
static int choose(struct conf_device *device, const struct addrinfo *found)
{
	const struct addrinfo *chosen = NULL;
	struct address_text now = address_text(&device->address.sa);
	for (const struct addrinfo *i = found; i != NULL; i = i->ai_next) {
		if (!is_usable(i->ai_addr))
			continue;
		if (strcmp(address_text(i->ai_addr).text, now.text) == 0)
			return 0;
		if (chosen == NULL)
			chosen = i;
	}
	if (chosen == NULL)
		return ERR_NAME;
	memset(&device->address, 0, sizeof device->address);
	memcpy(&device->address, chosen->ai_addr, chosen->ai_addrlen);
	return 0;
}

int conf_look_up(struct conf_device *device)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *found = NULL;
	char port[8];
	(void)snprintf(port, sizeof port, "%u", ntohs(device->address.in4.sin_port));
	int rc = getaddrinfo(device->name, port, &hints, &found);
	if (rc != 0 && rc != EAI_AGAIN) {
		/* A machine with only loopback has no "configured" address family. */
		hints.ai_flags = 0;
		rc = getaddrinfo(device->name, port, &hints, &found);
	}
	if (rc != 0)
		return ERR_NAME;
	int err = choose(device, found);
	freeaddrinfo(found);
	return err;
}
