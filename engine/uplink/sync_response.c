/* SPDX-License-Identifier: Apache-2.0
 * The meaning of the hub's response to a batch (proto/wire/SCHEMA.md, "HTTP"). */
#include "engine/uplink/uplink_internal.h"

#include <stdio.h>
#include <string.h>

/* An older hub may stand in the place of the one whose receipts said that it reads columns: the
 * same records once more, as every hub reads them. */
static bool is_sent_plain(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	int status = sync->http_status;
	bool is_refused = status == 413 || status == 415 || status == 422;
	if (!is_refused || sync->upload.body_encoding != BODY_COLUMNS ||
		u->hub_encodings < BODY_COLUMNS)
		return false;
	u->hub_encodings = BODY_ZSTD;
	post_drop(u, false, sync_peek);
	u->state = UPLINK_PACKING;
	return true;
}

/* Fewer records at a time, down to the one that the hub does not want, which is moved aside. */
static void split(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	if (sync->batch.count > 1) {
		sync->max_records = (sync->batch.count + 1) / 2;
		post_drop(u, false, sync_peek);
		u->state = UPLINK_PACKING;
		return;
	}
	if (sync->given_up == REJECTED_UNSIGNED) {
		sync_end(u, ERR_HTTP_STATUS,
			"the hub refuses record after record: nothing more is given up");
		return;
	}
	sync->given_up++;
	sync->has_receipt = false;
	post_drop(u, false, batch_delete_start);
	u->state = UPLINK_DELETING;
}

static void on_renewed(struct spool_done *done, int err)
{
	struct uplink *u = done->owner;
	if (sync_is_stopped(u))
		return;
	if (err < 0)
		sync_fail(u, err, "the spool cannot draw a new epoch");
	else
		sync_peek(u);
}

static void renew(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	sync->done.owner = u;
	sync->done.on_done = on_renewed;
	spool_renew(u->spool, &sync->done);
}

/* The hub holds other records under our numbers: this store is an older copy of itself. Under a
 * new epoch its numbers are new. */
static void conflict(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	if (sync->has_renewed) {
		sync_end(u, ERR_CONFLICT, "the hub holds other records under these numbers (409)");
		return;
	}
	sync->has_renewed = true;
	log_line(LOG_WARN, "uplink", "err=%s what=\"the store is an older copy: new epoch\"",
		err_text(ERR_CONFLICT));
	post_drop(u, false, renew);
	u->state = UPLINK_DELETING;
}

static void receipted(struct uplink *u)
{
	const char *why;
	int err = receipt_verify(u, &why);
	if (err < 0) {
		sync_end(u, err, why);
		return;
	}
	u->sync->has_receipt = true;
	u->state = UPLINK_DELETING;
	if (u->sync->is_keep_alive)
		batch_delete_start(u);
	else
		post_drop(u, true, batch_delete_start);
}

/* ---- statuses ---- */
static void refused(struct uplink *u)
{
	char why[LIMIT_WHY];
	if (u->sync->http_status == 403) {
		sync_end(u, ERR_FORBIDDEN,
			"the hub knows this agent by another key, or does not let this user "
			"upload (403)");
		return;
	}
	(void)snprintf(why, sizeof why, "the hub refused user \"%s\" or its password (401)",
		u->o.hub.user == NULL ? "" : u->o.hub.user);
	sync_end(u, ERR_AUTH, why);
}

/* The host of a Location (RFC 9110 section 10.2.2), without a user; "" if it is relative. */
static void put_location_host(char *dst, size_t cap, const char *location)
{
	const char *p = strstr(location, "//");
	dst[0] = '\0';
	if (p == NULL)
		return;
	p += 2;
	size_t n = strcspn(p, "/?#");
	const char *at = memchr(p, '@', n);
	if (at != NULL) {
		n -= (size_t)(at + 1 - p);
		p = at + 1;
	}
	(void)str_scrub(dst, cap, (const uint8_t *)p, n);
}

static void redirected(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	char why[LIMIT_WHY], host[80];
	put_location_host(host, sizeof host, sync->location);
	(void)snprintf(why, sizeof why,
		"the hub's address redirects to %s (%d): redirects are not followed; if the hub "
		"has moved, change hub.url",
		host[0] != '\0' ? host : "another path", sync->http_status);
	sync_end(u, ERR_REDIRECT, why);
}

/* Nothing of the batch is wrong: it stays whole until one end is updated. */
static void unsupported(struct uplink *u)
{
	char why[LIMIT_WHY], said[96];
	const char *hub = strstr(u->sync->refusal, ENVELOPE_UNSUPPORTED);
	if (hub == NULL) {
		sync_fail(u, ERR_HTTP_STATUS, "the hub responded 415 Unsupported Media Type");
		return;
	}
	hub += strlen(ENVELOPE_UNSUPPORTED);
	hub += strspn(hub, ": ");
	(void)str_scrub(said, sizeof said, (const uint8_t *)hub, strlen(hub));
	(void)snprintf(why, sizeof why,
		"this agent sends version " ENVELOPE_SPOKEN " of the wire format (415 %s): %s: "
		"update the older one",
		ENVELOPE_UNSUPPORTED, said);
	sync_end(u, ERR_VERSION, why);
}

static void failed(struct uplink *u)
{
	char why[LIMIT_WHY];
	int status = u->sync->http_status;
	bool is_later = status == 408 || status == 429 || status >= 500;
	(void)snprintf(why, sizeof why, "the hub responded %d %s", status, http1_reason(status));
	sync_fail(u, is_later ? ERR_UNAVAILABLE : ERR_HTTP_STATUS, why);
}

/* A heartbeat has nothing to split, to settle or to number anew. */
static void other_responded(struct uplink *u)
{
	int status = u->sync->http_status;
	if (heartbeat_responded(u))
		return;
	if (status == 401 || status == 403)
		refused(u);
	else if (status >= 300 && status < 400)
		redirected(u);
	else
		failed(u);
}

void sync_responded(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	u->status.last_contact_ms = loop_wall_ms(u->loop);
	if (sync->message == MESSAGE_COVERAGE) {
		coverage_responded(u);
		return;
	}
	if (sync->message == MESSAGE_HEARTBEAT) {
		other_responded(u);
		return;
	}
	if (is_sent_plain(u))
		return;
	switch (sync->http_status) {
	case 200:
		receipted(u);
		break;
	case 401:
	case 403:
		refused(u);
		break;
	case 409:
		conflict(u);
		break;
	case 413:
	case 422:
		split(u);
		break;
	case 415:
		unsupported(u);
		break;
	default:
		if (sync->http_status >= 300 && sync->http_status < 400)
			redirected(u);
		else
			failed(u);
		break;
	}
}
