/* SPDX-License-Identifier: Apache-2.0
 * The way to the hub: reads the oldest records from the spool, signs and compresses them as
 * batches, posts them over verified TLS, and lets the spool forget them only when the hub's signed
 * receipt for exactly that batch is here. One run ("sync") goes on until the spool is empty, over
 * one connection; then the uplink is idle until its next time (schedule.h).
 *
 * An error that does not pass by itself (certificate, name, password, redirect, version, a receipt
 * that is not the hub's) ends the run at once; one that passes (timeouts, 429, 5xx) is tried again
 * with growing, random rests. Each run that fails is logged here in one line, and its reason is in
 * the status, which is kept in the spool for `platen status`.
 *
 * Memory: between runs next to nothing. During a run at most one raw body (LIMIT_BATCH_RAW), its
 * compressed form and the envelope around it.
 *
 * Order of calls: uplink_open, anything, uplink_close. No callback runs before the call that
 * caused it has returned. Everything happens on the loop's thread. */
#ifndef PLATEN_UPLINK_UPLINK_H
#define PLATEN_UPLINK_UPLINK_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "engine/loop/workers.h"
#include "engine/loop/loop.h"
#include "engine/loop/crypto.h"
#include "engine/loop/conn.h"
#include "engine/loop/expiry.h"
#include "engine/loop/tls.h"
#include "engine/store/audit_queue.h"
#include "engine/store/spool.h"
#include "engine/uplink/site.h"
#include "proto/base/calendar.h"
#include "proto/wire/coverage.h"
#include "proto/wire/heartbeat.h"
#include "proto/wire/policy.h"

#include <stddef.h>
#include <stdint.h>

struct uplink;

enum uplink_state {
	UPLINK_IDLE,       /* until the next time */
	UPLINK_PACKING,    /* the spool and a worker: peek, compress, sign */
	UPLINK_CONNECTING, /* conn: name, TCP and TLS, LIMIT_CONNECT_MS */
	UPLINK_SENDING,    /* conn: all bytes handed to the kernel, send_ms */
	UPLINK_WAITING,    /* the hub's receipt, receipt_ms */
	UPLINK_DELETING,   /* the disk: the receipt is good, the spool forgets the batch */
	UPLINK_BACKED_OFF, /* back-off after an error that passes */
	UPLINK_ENDING      /* the connection to be gone and the status to be written */
};

/* The results of earlier runs that the spool holds. */
struct uplink_kept;
/* Blocks and uses the owner's connection, as spool_get_value. ERR_STORE_CORRUPT and the like leave
 * *ret NULL. */
int uplink_kept_load(struct uplink_kept **ret, struct spool *spool) MUST_USE;
void uplink_kept_free(struct uplink_kept *kept);

/* The hub and the way to it; all texts are copied. */
struct uplink_hub {
	const char *host;
	uint16_t port;
	const char *path; /* begins and ends with '/'; "v1/batches" is put behind it */
	const char *user;
	const char *password;
	struct conn_proxy proxy; /* host NULL: none */
};

/* All but the hub is borrowed and must outlive the uplink. */
struct uplink_options {
	struct uplink_hub hub;
	struct tls *tls;                 /* a client's; never NULL: nothing travels in the clear */
	const char *site;                /* "" if none */
	const char *state_dir;           /* for the site information; NULL: none is sent */
	const char *software;            /* "platen/0.1.0" */
	const struct policy *policy;     /* what leaves; copied. NULL: the default */
	bool is_off;                     /* as after uplink_switch(u, false) */
	const struct uplink_kept *kept;  /* copied; NULL: uplink_open loads it, and blocks */
	const struct crypto_key *key;    /* signs the batches */
	struct audit_queue *audit;       /* gets an entry for each receipted batch; NULL: none */
	uint64_t interval_ms;            /* 0: by the calendar */
	const struct calendar *calendar; /* NULL: none */
	uint64_t heartbeat_ms;           /* between two heartbeats; 0: none is sent */
	bool is_on_request;              /* never by itself: the schedule is for uplink_is_due */
	size_t max_records;              /* of one batch; 0: LIMIT_BATCH_RECORDS */
	unsigned tries;                  /* failures in a row; 0: LIMIT_UPLINK_TRIES */
	uint64_t backoff_base_ms;        /* first rest at most this; 0: 1 s */
	uint64_t backoff_cap_ms;         /* and never more than this; 0: 60 s */
	uint64_t send_ms;                /* 0: LIMIT_SEND_MS */
	uint64_t receipt_ms;             /* 0: LIMIT_RECEIPT_MS */
	uint64_t retry_after_max_ms;     /* a longer one ends the run; 0: none does */
	uint64_t look_ms;                /* 0: LIMIT_UPLINK_LOOK_MS */
};

/* The result of one run. */
struct uplink_summary {
	int err; /* 0: everything that was in the spool is at the hub */
	char why[LIMIT_WHY];
	uint64_t batches;
	uint64_t records;    /* that the hub has receipted */
	uint64_t duplicates; /* of these, known to it before */
	uint64_t rejected;   /* of these, refused for good and moved aside */
	uint64_t raw_bytes;
	uint64_t sent_bytes; /* of the requests (Content-Length), receipted ones only */
	uint64_t retries;
	uint64_t started_at_ms; /* Unix */
	uint64_t ended_at_ms;
	uint64_t first, last; /* numbers of the receipted records; 0: none */
	/* The batch that was made and not receipted: it may have arrived. last 0: none. */
	struct uplink_open_batch {
		uint64_t first, last;
		size_t bytes;
		uint8_t digest[CRYPTO_SHA256];
	} open;
};

struct uplink_events {
	/* A sync begins: the moment for uplink_set_site (may be NULL). */
	void (*on_sync_start)(void *owner);
	/* The end of each sync, also of one that began by schedule. The summary is good during
	 * the call. */
	void (*on_sync_end)(void *owner, int err, const struct uplink_summary *summary);
	/* Syncs of the calendar were left out: `count` of them, the last at `last_ms`. Also from
	 * uplink_open. May be NULL. */
	void (*on_missed)(void *owner, unsigned count, uint64_t last_ms);
	/* The hub requests a full record of this device (may be NULL). The key is good during the
	 * call; it may be of a device that we do not know any more. */
	void (*on_want_full)(void *owner, struct text device_key);
	/* Appends the rows of coverage to `body` and sets head->known and head->unread. Called at
	 * the end of a run, if coverage is due (may be NULL). */
	void (*on_coverage)(void *owner, const struct policy *policy, struct coverage_head *head,
		struct buf *body);
	/* Sets known, complete and failed of a heartbeat (may be NULL). */
	void (*on_heartbeat)(void *owner, struct heartbeat *h);
	/* The end of each heartbeat; work: HEARTBEAT_... bits of what waits at the hub. A sync
	 * follows if that work and records are there (may be NULL). */
	void (*on_heartbeat_end)(void *owner, int err, unsigned work);
	/* The last run ended since the hub refused user or password, and the schedule is looked at:
	 * uplink_login_checked must follow, after the call has returned (may be NULL). */
	void (*on_refused)(void *owner);
};

int uplink_open(struct uplink **ret, struct loop *l, struct workers *workers, struct spool *spool,
	const struct uplink_options *o, const struct uplink_events *events, void *owner) MUST_USE;

/* "user@host:port" of the hub in use, for the audit. */
void uplink_account(const struct uplink *u, char dst[LIMIT_AUDIT_WHO]);

/* Starts a run now. ERR_BUSY while one is under way (its on_sync_end will come), ERR_STOPPED
 * while closing. */
int uplink_sync_now(struct uplink *u) MUST_USE;

/* Whether a sync is to be made by a program that runs now and then (schedule_is_due). */
bool uplink_is_due(const struct uplink *u);

/* The same as uplink_sync_now, for a sync that is due: it counts as the schedule's. */
int uplink_sync_due(struct uplink *u) MUST_USE;

/* Another hub, or another way to it; `tls` (NULL: as before) is the uplink's from here. A request
 * under way ends with the old settings; from the next connection on the new ones are used, also
 * within a sync, and a back-off ends now. */
void uplink_set_hub(struct uplink *u, const struct uplink_hub *hub, struct tls *tls);

/* After on_refused: the password as its source has it now, NULL if it cannot be read. Another one
 * than before is tried at once; with the same one nothing is sent before the next scheduled time.
 */
void uplink_login_checked(struct uplink *u, const char *password);

/* The policy of the next requests; copied. A batch that was packed before is packed anew. */
void uplink_use_policy(struct uplink *u, const struct policy *policy);

/* Off: a run that is under way ends, none begins, and nothing is sent. A receipt that has come is
 * settled first. On again, the next sync goes at its next time. */
void uplink_switch(struct uplink *u, bool is_on);
bool uplink_is_on(const struct uplink *u);

/* Another schedule, as in the options. The next sync goes at its next time, not at once. */
void uplink_set_schedule(struct uplink *u, uint64_t interval_ms, const struct calendar *calendar);

/* Another interval of heartbeats; 0: none. */
void uplink_set_heartbeat(struct uplink *u, uint64_t interval_ms);

/* For the next batches; the texts are copied. */
void uplink_set_site(struct uplink *u, const struct site_agent *site);

/* Polls since the program's start, and devices in the roster: sent with the next batch (as the
 * difference to the last one that was receipted). */
void uplink_set_polls(
	struct uplink *u, uint64_t made, uint64_t unchanged, uint64_t failed, uint32_t devices);

/* The next batch, but for its records: what its size depends on (platen preview). */
struct uplink_next {
	struct batch_head head; /* views into the uplink; site information: the agent's part */
	unsigned encodings;     /* enum body_encoding that the hub reads at most; 0: not known */
	bool looks_at_site;     /* the site information is looked at for it, */
	uint64_t site_digest;   /* and sent unless it has this digest */
	uint64_t site_sent_ms;  /* and was sent less than UPLINK_SITE_AGAIN_MS ago */
};
enum { UPLINK_SITE_AGAIN_MS = 22 * 3600 * 1000 }; /* a day, less what a schedule may shift */
void uplink_next(struct uplink *u, struct uplink_next *ret);
/* The same for a program that is about to start. */
void uplink_kept_next(const struct uplink_kept *kept, struct uplink_next *ret);

/* The last run: a value of the spool. */
#define UPLINK_LAST_RUN_VALUE "last_run"
struct uplink_last_run {
	uint64_t batches, records, bytes; /* bytes: of the requests' bodies */
};

/* For people. Times are Unix milliseconds, 0: never. */
struct uplink_status {
	uint8_t state;            /* enum uplink_state; UPLINK_IDLE when read back */
	uint64_t last_contact_ms; /* the hub responded, with whatever status */
	uint64_t last_success_ms; /* a run ended with everything receipted, or coverage accepted */
	uint64_t next_ms;         /* 0: only on request */
	int last_err;             /* of the last run, or of the try under way; 0: none */
	uint64_t last_error_at_ms;
	char last_error[LIMIT_WHY]; /* one sentence, of that time; a success leaves both */
	uint64_t batches;           /* since the store was made */
	uint64_t records;
	uint64_t sent_bytes;
	uint64_t served_ms;      /* when a sync was last begun by schedule */
	uint64_t missed;         /* syncs of the calendar that were left out */
	uint64_t last_missed_ms; /* when the last of them was due */
	uint64_t want_full_ms;   /* when the hub last asked for a full record of a device */
	struct expiry hub_certificate;
	struct expiry own_certificate;       /* the client's, if there is one */
	uint64_t last_heartbeat_ms;          /* that the hub accepted */
	uint64_t heartbeat_number;           /* of the last one that was made */
	int64_t skew_ms;                     /* our clock ahead of the hub's at that time ... */
	bool has_skew;                       /* ... since the start */
	char hub_issuer[LIMIT_CERT_NAME];    /* of the last one that was trusted; "": none was */
	char hub_key[2 * CRYPTO_SHA256 + 1]; /* fingerprint of the pinned key; "": none, or read
						from the store */
};
void uplink_get_status(const struct uplink *u, struct uplink_status *ret);

/* The status as it is kept in the spool under this name (spool_get_value). */
#define UPLINK_STATUS_VALUE "uplink"
#define UPLINK_STATUS_BYTES 1024
int uplink_status_pack(
	const struct uplink_status *status, uint8_t dst[UPLINK_STATUS_BYTES]) MUST_USE;
int uplink_status_unpack(struct uplink_status *ret, const uint8_t *bytes, size_t len) MUST_USE;
const char *uplink_state_name(enum uplink_state state);

/* Ends a run that is under way (on_sync_end with ERR_STOPPED), then calls on_closed, last, and u is
 * gone. Never before it has returned; the spool and the workers must still be open. */
void uplink_close(struct uplink *u, void (*on_closed)(void *owner), void *owner);

#endif
