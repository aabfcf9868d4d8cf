/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of this folder. uplink_open.c owns the state and the times, uplink_hub.c the
 * hub's settings, sync.c the steps of a sync, sync_response.c the meaning of responses, post.c the
 * connection, sync_batch.c and sync_audit.c the work of workers, receipt.c the checks, coverage.c
 * and heartbeat.c the messages without records. */
#ifndef PLATEN_UPLINK_UPLINK_INTERNAL_H
#define PLATEN_UPLINK_UPLINK_INTERNAL_H

#include "proto/base/log.h"
#include "engine/loop/conn.h"
#include "engine/uplink/hub_key.h"
#include "engine/uplink/schedule.h"
#include "engine/uplink/site.h"
#include "engine/uplink/upload.h"
#include "engine/uplink/uplink.h"
#include "proto/wire/envelope.h"
#include "proto/wire/heartbeat.h"
#include "proto/http/http1.h"

/* Records refused for good that are kept for a person, by number modulo this, as spool values
 * "rejected.0" ... */
#define REJECTED_KEPT 16
/* Records that one run gives up because of an unsigned 413 or 422: a hub that refuses everything
 * must not empty the spool. Rejections in a signed receipt are not counted here. */
#define REJECTED_UNSIGNED 2
#define VALUE_BYTES 4096
/* The body encoding that the hub reads at most, as its last receipt says: a spool value of one
 * byte.
 */
#define UPLINK_ENCODINGS_VALUE "hub_encodings"
/* The spool's value with struct site_sent. */
#define SITE_VALUE "site"
/* Site information is looked at once in this time at most. */
enum { SITE_LOOK_MS = 60000 };

struct polls {
	uint64_t made;
	uint64_t unchanged;
	uint64_t failed;
};

/* The kind of a request; those of a heartbeat are a run of their own. */
enum message {
	MESSAGE_BATCH,
	MESSAGE_COVERAGE, /* all batches are sent: coverage.c */
	MESSAGE_HEARTBEAT /* heartbeat.c */
};

/* One run, allocated when it starts and freed when it ends. */
struct uplink_sync {
	struct uplink *uplink;

	/* the batch (sync_batch.c); pack_job touches only these while it runs */
	struct spool_batch batch;
	struct worker_job pack_job;
	struct batch_head head;
	struct policy policy; /* that it is packed under */
	struct site_facts site;
	char peer[256]; /* towards which the source address is sought */
	uint16_t peer_port;
	bool wants_site; /* the facts are read for this batch */
	bool has_site;   /* and are in it */
	uint64_t site_digest;
	int last_upload_err;
	struct polls polls; /* as counted when the batch was packed */
	struct buf head_bytes;
	struct upload upload;
	enum message message;
	bool is_coverage_accepted;
	struct heartbeat heartbeat;
	unsigned work; /* that waits at the hub: HEARTBEAT_... bits of its response */
	struct coverage_head coverage;
	struct buf envelope;          /* what is posted; kept as it is for every try */
	uint8_t ledger[DIGEST_BYTES]; /* of the head */

	/* the request and its response (post.c) */
	struct buf request; /* holds the password: wiped */
	struct buf response;
	struct http1 http;
	int http_status;
	uint64_t retry_after_ms;
	char location[HTTP1_LOCATION_BYTES + 1]; /* of a redirect */
	char refusal[160]; /* the beginning of a body that is no receipt; foreign text */
	bool is_receipt;   /* by its media type */
	bool is_keep_alive;
	bool is_envelope_begun;
	bool is_sent;
	bool has_response; /* whole, before is_sent */

	/* settling (sync_batch.c) */
	struct receipt receipt; /* views into response */
	struct envelope receipt_envelope;
	bool has_receipt;           /* else a single record is given up */
	enum hub_key_trust trust;   /* in the receipt's key */
	char why[LIMIT_WHY];        /* there is none */
	char old_key[HUB_KEY_TEXT]; /* the pinned one before it */
	uint64_t receipted_at_ms;
	struct audit_entry entries[2]; /* of the audit, which could not be written by the job */
	size_t entry_count;
	struct worker_job delete_job;
	struct spool_done done;
	struct worker_job status_job;

	/* the course of the run (sync.c) */
	size_t max_records;
	unsigned failures;
	unsigned given_up; /* see REJECTED_UNSIGNED */
	bool has_renewed;
	bool is_slow; /* a send ran out of time: batches do not grow again */
	uint64_t backoff_ms;
	void (*then)(struct uplink *u); /* when the connection is gone */
	struct uplink_summary summary;
};

/* The copies behind a struct uplink_hub; "": NULL there. */
struct uplink_place {
	char host[LIMIT_HOST + 1];
	char path[LIMIT_HTTP_TARGET];
	char user[LIMIT_USER + 1];
	char password[LIMIT_PASSWORD + 1];
	char proxy_host[LIMIT_HOST + 1];
	char proxy_user[LIMIT_USER + 1];
	char proxy_password[LIMIT_PASSWORD + 1];
	uint16_t port, proxy_port;
};

struct site_sent { /* the last site information that was receipted, kept as a value */
	uint64_t digest;
	uint64_t at_ms;
};

struct uplink_kept {
	struct hub_key hub_key;
	struct uplink_status status;
	unsigned encodings;
	struct site_sent site_sent;
};

struct uplink {
	struct loop *loop;
	struct workers *workers;
	struct spool *spool;
	struct uplink_options o;   /* its hub points into `place` */
	struct uplink_place place; /* in use */
	struct uplink_place next;  /* from the next connection on, if has_next */
	struct tls *next_tls;      /* NULL: as before */
	bool has_next;
	struct policy policy;
	struct site_facts site;     /* the agent's part, and the DNS name once it is known */
	uint64_t site_looked_at_ms; /* wall clock, 0: never */
	struct site_sent site_sent;
	struct uplink_events events;
	void *owner;
	enum uplink_state state;
	struct due due;
	struct schedule schedule;
	struct schedule_state when; /* next_ms 0: only on request */
	struct uplink_status status;
	uint8_t status_bytes[UPLINK_STATUS_BYTES];
	int status_len;
	struct hub_key hub_key;
	uint8_t public_key[CRYPTO_PUBLIC_MAX];
	size_t public_key_len;
	uint8_t key_id[CRYPTO_KEY_ID];
	struct polls polls;      /* since the program's start */
	struct polls polls_sent; /* of these, receipted */
	uint32_t devices;
	bool has_no_coverage;  /* the hub responded 404 */
	bool has_no_heartbeat; /* likewise */
	bool wants_sync;       /* was requested while a heartbeat is under way */
	int heartbeat_err;     /* of the last one that was not stopped; 0: it arrived */
	struct due heartbeat_due;
	struct schedule heartbeat_schedule;
	uint64_t heartbeat_next_ms; /* wall clock */
	uint64_t work_sync_ms;      /* monotonic: when a heartbeat last led to a sync; 0: never */
	uint64_t coverage_at_ms;    /* monotonic, when it was last begun; 0: not yet */
	unsigned hub_encodings; /* enum body_encoding that the hub reads at most; 0: not known */
	struct conn *conn;
	bool is_conn_open;
	bool is_regular;        /* the run is one of the schedule, not a repetition */
	bool is_checking_login; /* between on_refused and uplink_login_checked */
	bool is_closing;
	bool is_off;
	void (*on_closed)(void *owner);
	void *closed_owner;
	struct worker_job close_job;
	struct uplink_sync *sync; /* NULL while idle */
};

/* uplink_open.c */
void uplink_sync_over(struct uplink *u, const struct uplink_summary *summary);
uint64_t uplink_random(void);
/* A heartbeat's run has ended; a sync begins if one is wanted. */
void uplink_heartbeat_over(struct uplink *u, bool wants_sync);

/* uplink_hub.c */
void hub_open(struct uplink *u, const struct uplink_hub *hub);
void hub_close(struct uplink *u); /* wipes the passwords */
/* The settings that wait become those in use; no connection may be open. */
void hub_use_next(struct uplink *u);
void hub_use_password(struct uplink *u, const char *password);
/* The hub's certificate was verified, and ours is shown: warns before they expire. */
void hub_note_certificates(struct uplink *u);
/* Why no connection was made; adds that another issuer than before was seen. */
void hub_explain(const struct uplink *u, int err, char *why, size_t cap);

/* sync.c */
struct uplink_sync *sync_new(struct uplink *u); /* u->sync; NULL: no memory */
int sync_start(struct uplink *u) MUST_USE;
void sync_peek(struct uplink *u);
void sync_packed(struct uplink *u);  /* the envelope is ready */
void sync_deleted(struct uplink *u); /* the spool has forgotten the batch */
void sync_retry(struct uplink *u);   /* back-off is over */
void sync_fail(struct uplink *u, int err, const char *why);
void sync_too_slow(struct uplink *u, const char *why); /* the batch did not leave in time */
void sync_end(struct uplink *u, int err, const char *why);
void sync_free(struct uplink_sync *sync);
/* Ends the run of a program that stops. */
const char *sync_stop_reason(const struct uplink *u);
bool sync_is_stopped(struct uplink *u);

/* sync_response.c */
void sync_responded(struct uplink *u); /* a whole response is in sync->response */

/* post.c */
void post_start(struct uplink *u); /* over the open connection, or a new one */
/* Ends the connection, if there is one, and goes on with `then`. */
void post_drop(struct uplink *u, bool is_polite, void (*then)(struct uplink *u));

/* sync_batch.c */
void batch_pack_start(struct uplink *u);   /* sync_packed or sync_fail */
void batch_delete_start(struct uplink *u); /* sync_deleted or sync_fail */
void status_write_start(struct uplink *u, void (*then)(struct uplink *u));

/* sync_audit.c: the receipted batch, in a job of WORKER_DISK; entries that could not be written are
 * in sync->entries. */
int audit_receipt(struct uplink_sync *sync) MUST_USE;

/* coverage.c: at the end of a run; false: nothing is to be sent. */
bool coverage_start(struct uplink *u);
void coverage_failed(struct uplink *u, int err, const char *why);
void coverage_responded(struct uplink *u);

/* heartbeat.c */
void heartbeat_open(struct uplink *u);
void heartbeat_arm(struct uplink *u); /* after the uplink was switched on or off */
void heartbeat_start(struct uplink *u);
void heartbeat_pack_start(struct uplink *u);
/* False: a status that means the same for every request. */
bool heartbeat_responded(struct uplink *u);
void heartbeat_end(struct uplink *u, int err, const char *why);

/* receipt.c: 0 if the response is the hub's receipt for this very batch. */
int receipt_verify(struct uplink *u, const char **why) MUST_USE;

#endif
