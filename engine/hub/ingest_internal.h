/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of the ingest: ingest_conn.c has the connections and their states,
 * ingest_request.c what parses requests and writes responses, ingest_commit.c the way to the disk,
 * ingest_audit.c the entries of the audit. Private to them. */
#ifndef PLATEN_HUB_INGEST_INTERNAL_H
#define PLATEN_HUB_INGEST_INTERNAL_H

#include "proto/base/list.h"
#include "proto/base/log.h"
#include "proto/base/slab.h"
#include "engine/hub/ingest_batch.h"
#include "engine/hub/ingest.h"
#include "proto/http/http1.h"

/* An envelope of full size. */
#define INGEST_BODY_MAX (LIMIT_BATCH_SENT + LIMIT_HEAD + 512)
/* Of all bodies together; and of what arrived before its sender was known or had a place. */
#define INGEST_HELD_MAX ((uint64_t)LIMIT_HUB_BODIES * INGEST_BODY_MAX)
#define INGEST_EARLY_MAX (INGEST_HELD_MAX / 4)
/* Of one batch in the audit: the upload, a key that was pinned, records that were lost. */
#define AUDIT_UPLOAD_ENTRIES 3
/* Retry-After of a 503, seconds. */
#define INGEST_RETRY_S 10

/* The event that the connection waits for; in brackets its deadline. */
enum ingest_state {
	INGEST_OPENING,  /* the handshake [conn's own] */
	INGEST_IDLE,     /* the first byte of a request [LIMIT_IDLE_MS, closes; sooner when full] */
	INGEST_HEAD,     /* the end of its head [LIMIT_HEAD_MS, 408] */
	INGEST_CHECKING, /* account_check [LIMIT_SEND_MS, aborts] */
	INGEST_QUEUED,   /* room for its body [LIMIT_SEND_MS, 503] */
	INGEST_CONTINUING, /* "100 Continue" to be handed to the kernel [LIMIT_SEND_MS, aborts] */
	INGEST_BODY,       /* the end of its body [its pace, 408] */
	INGEST_WORKING,    /* the disk worker [LIMIT_RECEIPT_MS, aborts] */
	INGEST_RESPONDING, /* the response to be handed to the kernel [LIMIT_SEND_MS, aborts] */
	INGEST_ENDING      /* conn's on_end [conn's own] */
};

struct request;

struct peer {
	struct list node; /* ingest.idle in that state, else ingest.peers */
	struct ingest *ingest;
	struct conn *conn;
	struct due due;
	enum ingest_state state;
	struct request *request; /* NULL in OPENING, IDLE, ENDING */
};

enum route { ROUTE_BATCH, ROUTE_COVERAGE, ROUTE_HEARTBEAT, ROUTE_LIVEZ };

/* From the first byte of a request until its response is with the kernel. While a worker works for
 * it, it outlives its connection. */
struct request {
	struct ingest *ingest;
	struct peer *peer; /* NULL: the connection is gone, there is no response */
	struct list node;  /* ingest.queued, commit.waiting or commit.taken; else in none */
	struct http1 http;
	struct account_check check;
	enum route route;
	int refusal; /* status that stopped the reading; 0: none, or http1's own */
	bool has_head;
	bool has_all;      /* the last byte of the request was read */
	bool is_in_worker; /* account_check or the disk worker will call back */
	bool is_last;      /* the connection closes after the response */
	bool is_expecting; /* Expect: 100-continue */
	bool is_head_only;
	uint64_t content_length;
	uint64_t held; /* bytes counted in ingest.held */
	bool is_admitted;
	uint64_t started_ms;      /* first byte of the request */
	uint64_t body_started_ms; /* when its pace began */
	uint64_t received_wall_ms;
	struct buf body;
	struct buf response;
	struct buf receipt;
	struct batch_result result;
	char address[LIMIT_TEXT_SHORT]; /* of the peer, for the audit */
};

/* One transaction on the disk worker at a time; the pool touches only what is in `taken`. */
struct commit {
	struct worker_job job;
	struct list waiting; /* of request */
	struct list taken;
	bool is_running;
	bool is_split; /* the transaction failed, and each batch was tried alone */
	/* An upload each, and the key of a new agent. */
	struct audit_entry entries[AUDIT_UPLOAD_ENTRIES * LIMIT_COMMIT_BATCHES];
	uint64_t commits;
	char why[LIMIT_WHY]; /* the store's words when it failed */
};

/* Failed logins for the audit: each is an entry of its own up to LOGIN_BURST, then one every
 * LOGIN_EVERY_MS; the others are counted in one entry a minute, so that a flood of them does not
 * push older entries out of the ledger. */
struct failed_logins {
	struct due due; /* set while some are counted */
	uint64_t refilled_ms;
	unsigned tokens;
	uint64_t count;
	char user[LIMIT_USER + 1]; /* of the last one that is counted */
	char peer[LIMIT_TEXT_SHORT];
};

struct ingest {
	struct ingest_options o;
	struct batch_writer *writer; /* WORKER_DISK */
	struct slab peers_slab;
	struct slab requests_slab;
	struct list peers;
	struct list idle; /* longest first */
	struct log_rate_limit refusals;
	struct log_rate_limit losses;
	struct list queued; /* requests that wait for room, oldest first */
	struct commit commit;
	struct failed_logins failed;
	uint64_t held;
	uint64_t early; /* the part of held that has no place yet */
	struct ingest_counts counts;
	bool is_closing;
	/* So that on_closed never comes inside ingest_close: a job, as a deadline alone does not
	 * keep the loop running. */
	struct worker_job closing;
	bool is_closing_over;
	void (*on_closed)(void *owner);
	void *closed_owner;
};

/* ---- ingest_conn.c ---- */
void peer_set_state(struct peer *p, enum ingest_state state, uint64_t deadline_ms);
void peer_abort(struct peer *p);
/* Writes request->response; then the next request, or the end if is_last. */
void peer_respond(struct peer *p);
/* The request's memory goes back; nothing may call back for it any more. */
void request_free(struct ingest *in, struct request *r);
/* Everything goes when the last connection, request and job has. */
void ingest_try_finish(struct ingest *in);

/* ---- ingest_request.c ---- */
/* NULL when there are too many. */
struct request *request_new(struct peer *p);
void request_feed(struct request *r, const uint8_t *bytes, size_t len);
/* "100 Continue" is on its way. */
void request_continued(struct request *r);
void request_refuse(struct request *r, int status, unsigned retry_after_s, const char *what);
/* A response of 200 has signed bytes. */
bool request_has_receipt(const struct request *r);
/* The disk worker is done with it. */
void request_committed(struct request *r);
/* Gives its bytes back to the sum, and lets others in. */
void request_release(struct ingest *in, struct request *r);

/* ---- ingest_commit.c ---- */
void commit_open(struct ingest *in);
void commit_add(struct ingest *in, struct request *r);
bool commit_is_idle(const struct ingest *in);

/* ---- ingest_audit.c ---- */
void logins_open(struct ingest *in);
void logins_note_failure(struct ingest *in, const char *user, const char *peer, int err);
/* The counted ones become an entry. */
void logins_flush(struct ingest *in);
/* The entries of one upload, accepted or refused, which came by `way`: 1, or 2 with the key of a
 * new agent. */
size_t audit_upload(struct audit_entry entries[AUDIT_UPLOAD_ENTRIES], uint64_t at_ms,
	const char *who, const struct batch_result *b, size_t bytes, const char *way);
/* On WORKER_DISK, after their commit: the uploads of `first` up to but not with `end`. */
int audit_uploads(struct ingest *in, struct list *first, const struct list *end) MUST_USE;

#endif
