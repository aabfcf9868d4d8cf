/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/find.h"

#include "engine/agent/keys.h"
#include "proto/smi/request.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

static int look_up(const struct agent_poll_options *o, struct conf_device *ret)
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
		const char *colon = strchr(o->host, ':');
		bool has_port = colon != NULL && strchr(colon + 1, ':') == NULL;
		(void)fprintf(stderr, "platen: %s: %s%s\n", o->host, gai_strerror(rc),
			has_port ? "; a port is given with --port" : "");
		return ERR_NAME;
	}
	memset(ret, 0, sizeof *ret);
	memcpy(&ret->address, found->ai_addr,
		found->ai_addrlen < sizeof ret->address ? found->ai_addrlen : sizeof ret->address);
	freeaddrinfo(found);
	return 0;
}

/* What the configuration says of this address besides how it is asked. */
static int take_device(void *owner, const struct conf_device *from)
{
	struct conf_device *ret = owner;
	if (memcmp(&from->address, &ret->address, sizeof ret->address) == 0) {
		ret->answers_from = from->answers_from;
		ret->has_short_ids = from->has_short_ids;
	}
	return 0;
}

int agent_find(const struct agent_poll_options *o, struct conf_device *ret)
{
	int err = look_up(o, ret);
	if (err < 0)
		return err;
	if (o->conf != NULL && !agent_conf_is_allowed(o->conf, &ret->address.sa)) {
		(void)fprintf(stderr,
			"platen: %s: access.allow and access.deny of %s do not let it be asked\n",
			o->host, o->conf->file);
		return ERR_FORBIDDEN;
	}
	struct conf_error why;
	if (o->conf != NULL && conf_each_device(o->conf, take_device, ret, &why) < 0)
		(void)fprintf(
			stderr, "platen: %s: a target's CSV file cannot be read\n", o->conf->file);
	ret->version = o->version;
	ret->community = o->community;
	ret->community_len = o->community != NULL ? (uint8_t)strlen(o->community) : 0;
	ret->credential = o->credential;
	ret->ipp_mode = o->ipp_mode;
	ret->ipp_port = o->ipp_port;
	return 0;
}

int agent_who_open(
	struct agent_who *w, struct snmp_peer *peer, const struct conf_credential *credential)
{
	if (credential == NULL)
		return 0;
	peer->version = credential->version;
	peer->community = credential->community;
	peer->community_len = credential->community_len;
	if (credential->version != SNMP_V3)
		return 0;
	struct usm_secret secret = agent_secret_of(credential);
	int err = usm_user_init(&w->user, &secret);
	if (err == 0)
		err = usm_user_prepare_now(&w->user, &secret);
	if (err < 0) {
		(void)fprintf(stderr, "platen: user %s: no keys can be made: %s\n",
			credential->user, err_text(err));
		return err;
	}
	const char *context = credential->context;
	usm_peer_init(&w->usm, &w->user, context, context != NULL ? strlen(context) : 0);
	peer->usm = &w->usm;
	w->is_open = true;
	return 0;
}

void agent_who_close(struct agent_who *w)
{
	if (!w->is_open)
		return;
	usm_peer_close(&w->usm);
	usm_user_close(&w->user);
	w->is_open = false;
}
