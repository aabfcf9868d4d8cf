/* SPDX-License-Identifier: Apache-2.0
 * One Get-Printer-Attributes request to one printer: IPP over HTTP/1.1 (RFC 8010), by plain TCP or
 * by TLS without verification (docs/decisions/0007). No name and no password ever goes out, no
 * redirect is followed. A path that the printer does not know is tried under its other usual names;
 * a printer that wants TLS (426, or a TLS alert) gets it on the same port. Everything together is
 * bounded: LIMIT_IPP_MS, LIMIT_IPP_RESPONSE.
 *
 * ipp_query_start: a negative return means that on_response never comes; after 0 it comes exactly
 * once, never before ipp_query_start has returned. The ask is gone after it. */
#ifndef PLATEN_FLEET_IPP_CLIENT_H
#define PLATEN_FLEET_IPP_CLIENT_H

#include "proto/base/err.h"
#include "proto/base/list.h"
#include "proto/base/slab.h"
#include "engine/loop/conn.h"
#include "engine/loop/loop.h"
#include "engine/loop/tls.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct ipp_query;

/* Shared by all IPP requests of one loop. */
struct ipp_client {
	struct loop *loop;
	struct tls *tls;
	struct slab slab;    /* of struct ipp_query, its buffers inside */
	struct list running; /* ipp_query.node */
	/* A place has become free, after the on_response that freed it. */
	void (*on_place)(void *owner);
	void *owner;
};

struct ipp_target {
	const struct sockaddr *address; /* its port is not used */
	uint16_t port;
	bool is_tls;
	uint8_t first;    /* which of the usual paths is tried first, as ipp_response.path told */
	const char *path; /* "/ipp/print": this one and no other; NULL: the usual ones. Good until
			     on_response */
};

struct ipp_response {
	int err;              /* 0, ERR_STOPPED, or why there is none */
	const char *why;      /* then: one sentence for people; with 0: what of it is malformed, or
				 empty */
	const uint8_t *bytes; /* of the IPP message, not decoded; good during the call */
	size_t len;
	bool is_tls; /* how and where it answered */
	uint8_t path;
	bool is_reached;             /* a connection came up */
	struct conn_traffic traffic; /* of all connections */
};

typedef void ipp_on_response(void *owner, const struct ipp_response *response);

/* Room for `most` at once. */
int ipp_client_open(struct ipp_client *client, struct loop *l, size_t most) MUST_USE;
/* When none is under way. Idempotent, harmless on a zeroed one. */
void ipp_client_close(struct ipp_client *client);
size_t ipp_client_ceiling(const struct ipp_client *client);

/* ERR_FULL when as many as there is room for are under way. */
int ipp_query_start(struct ipp_query **ret, struct ipp_client *client,
	const struct ipp_target *target, ipp_on_response *on_response, void *owner) MUST_USE;

/* on_response still comes, later, with ERR_STOPPED. */
void ipp_query_stop(struct ipp_query *ask);
void ipp_client_stop(struct ipp_client *client);

#endif
