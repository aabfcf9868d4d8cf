/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent_find.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

int agent_find(const struct agent_poll_options *o, struct conf_device *ret)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *found = NULL;
	char port[8];
	(void)snprintf(port, sizeof port, "%u", o->port);
	int rc = getaddrinfo(o->host, port, &hints, &found);
	if (rc != 0) {
		/* A machine with only loopback has no "configured" address family. */
		hints.ai_flags = 0;
		rc = getaddrinfo(o->host, port, &hints, &found);
	}
	if (rc != 0) {
		(void)fprintf(stderr, "platen: %s: %s\n", o->host, gai_strerror(rc));
		return ERR_NAME;
	}
	memset(ret, 0, sizeof *ret);
	memcpy(&ret->address, found->ai_addr,
		found->ai_addrlen < sizeof ret->address ? found->ai_addrlen : sizeof ret->address);
	freeaddrinfo(found);
	ret->version = o->version;
	ret->community = o->community;
	ret->community_len = (uint8_t)strlen(o->community);
	ret->ipp_mode = o->ipp_mode;
	ret->ipp_port = o->ipp_port;
	return 0;
}
