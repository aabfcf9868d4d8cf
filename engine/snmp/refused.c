/* SPDX-License-Identifier: Apache-2.0
 * Responses that are refused: counted by reason, and logged where their cause can be mended. */
#include "engine/snmp/client_internal.h"

#include <arpa/inet.h>
#include <string.h>

enum { STRAY_LOG_MS = 3600000 };

static const char *address_text(const struct sockaddr *sa, char dst[LIMIT_ADDRESS])
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;
	const char *text = sa->sa_family == AF_INET6
				   ? inet_ntop(AF_INET6, &in6->sin6_addr, dst, LIMIT_ADDRESS)
				   : inet_ntop(AF_INET, &in4->sin_addr, dst, LIMIT_ADDRESS);
	return text != NULL ? text : "";
}

/* The log names a device's strays once an hour, and no more lines a second than log_rate_limit
 * allows: forgers can cause them. */
static void log_stray(struct slot *slot, const struct sockaddr *from, const char *what)
{
	struct snmp_client *s = slot->client;
	struct snmp_peer *peer = slot->peer;
	uint64_t now = loop_now_ms(s->loop);
	char device[LIMIT_ADDRESS], source[LIMIT_ADDRESS];
	unsigned missed;
	bool is_new = peer->stray_logged_ms == 0 || now - peer->stray_logged_ms >= STRAY_LOG_MS;
	if (!is_new || !log_rate_limit_pass(&s->log_rate, now, &missed))
		return;
	peer->stray_logged_ms = now;
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)from;
	log_line(LOG_WARN, "snmp", "dev=%s from=%s port=%u missed=%u what=\"%s\"",
		address_text(&peer->address.sa, device), address_text(from, source),
		ntohs(in4->sin_port), missed, what);
}

/* No id of ours, or the low 16 bits of one. */
void snmp_refuse_id(struct snmp_client *s, uint32_t id, const struct sockaddr *from)
{
	struct slot *slot = id <= 0xffff ? snmp_inflight_find_short(s, (uint16_t)id) : NULL;
	s->counters.stray_id++;
	if (slot == NULL || slot->version == SNMP_V3 || !snmp_is_from_peer(slot->peer, from))
		return;
	s->counters.short_ids++;
	log_stray(slot, from,
		"response with 16 bits of the request-id refused: if this printer cuts them, set "
		"short_request_ids: on for its target");
}

/* A forgery, or a printer with two addresses. */
void snmp_refuse_source(struct slot *slot, const struct sockaddr *from)
{
	struct snmp_client *s = slot->client;
	memcpy(&s->stray_source, from,
		from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					    : sizeof(struct sockaddr_in));
	log_stray(slot, from,
		"response from another address or port refused: if it is the printer's, name the "
		"address in answers_from of its target");
}

/* Which counter rises for a reason. */
void snmp_count_reason(struct snmp_client_counters *c, enum snmp_reason reason)
{
	uint64_t *const counters[SNMP_REASONS] = {[SNMP_MALFORMED] = &c->malformed,
		[SNMP_OTHER_ID] = &c->stray_id,
		[SNMP_OTHER_SOURCE] = &c->stray_source,
		[SNMP_OTHER_VERSION] = &c->stray_version,
		[SNMP_OTHER_COMMUNITY] = &c->stray_community,
		[SNMP_OTHER_TYPE] = &c->stray_type,
		[SNMP_OTHER_NAMES] = &c->stray_oid,
		[SNMP_OTHER_LEVEL] = &c->stray_level,
		[SNMP_OTHER_USER] = &c->stray_user,
		[SNMP_OTHER_ENGINE] = &c->stray_engine,
		[SNMP_OTHER_CONTEXT] = &c->stray_context,
		[SNMP_WRONG_DIGEST] = &c->stray_digest,
		[SNMP_WRONG_CIPHER] = &c->stray_cipher,
		[SNMP_GARBLED] = &c->stray_cipher,
		[SNMP_OUT_OF_WINDOW] = &c->stray_window,
		[SNMP_UNAUTHENTICATED_REPORT] = &c->reports,
		[SNMP_REPORT_OF_CLOCK] = &c->reports,
		[SNMP_REPORT_OF_ERROR] = &c->reports,
		[SNMP_PROBED] = &c->reports};
	if (counters[reason] != NULL)
		++*counters[reason];
}
