/* SPDX-License-Identifier: Apache-2.0
 * For the tests of the uplink: an agent's spool and uplink, and a small hub on the same loop, over
 * real TLS on loopback. The hub checks every batch as a real one does, then responds as the plan of
 * the test says. */
#ifndef PLATEN_TESTS_KIT_UPLINK_HUB_H
#define PLATEN_TESTS_KIT_UPLINK_HUB_H

#include "tests/kit/loop_peers.h"

#include "proto/base/log.h"
#include "engine/loop/conn_internal.h"
#include "engine/loop/workers.h"
#include "engine/store/spool.h"
#include "engine/uplink/uplink_internal.h"
#include "proto/wire/envelope.h"
#include "proto/http/http1.h"
#include "proto/wire/pack.h"
#include "tests/vectors/readings.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <zstd.h>

enum hub_response {
	A_RECEIPT,
	A_RECEIPT_AND_CLOSE, /* Connection: close */
	A_DROP,              /* receives the batch, then the connection is lost */
	A_TAMPERED,          /* one bit of the receipt */
	A_OTHER_KEY,         /* a valid signature by another key */
	A_OTHER_BATCH,       /* a receipt for another batch */
	A_NO_RECEIPT,        /* 200 and a web page */
	A_REJECT_FIRST,      /* the receipt names the first record as refused */
	A_REJECT_GUILTY,     /* it names stage.guilty */
	A_GARBAGE,           /* no HTTP */
	A_CLOSE,             /* close_notify instead of a response */
	A_UNTIL_CLOSE,       /* a receipt without a length, ended by close_notify */
	A_SILENCE,           /* receives the batch and sends nothing */
	A_TWO_RESPONSES,     /* bytes behind the receipt without a request */
	A_GOOD,              /* of a heartbeat: a response, as A_RECEIPT is for a batch */
	A_STATUS             /* and above: the status of the response, A_STATUS + 401 ... */
};

enum { PLAN_MAX = 24, BATCHES_MAX = 128, RECORDS_MAX = LIMIT_BATCH_RECORDS + 1 };

struct hub_side { /* one connection */
	struct http1 http;
	struct buf body;
	struct buf reply;
	bool is_last;
	bool is_dropped;
	bool is_coverage; /* its latest request */
	bool is_heartbeat;
};

struct stage {
	struct world w;
	char dir[64];
	struct workers *workers;
	struct spool *spool;
	struct uplink *uplink;
	struct uplink_options options;
	struct crypto_key *agent_key;
	struct crypto_key *hub_key;
	struct crypto_key *other_key;
	struct slab blocks;
	struct spool_put puts[RECORDS_MAX];
	unsigned records; /* to put before the run */
	unsigned kept;
	/* the plan, one response for each batch; the last entry repeats */
	int plan[PLAN_MAX];
	unsigned plan_len;
	unsigned retry_after_s;
	const char *headers;  /* of a status, each with its CR LF; NULL: none */
	const char *note;     /* its body; NULL: "no" */
	const char *password; /* that is expected; NULL: "s3cret" */
	unsigned guilty;      /* a batch that holds this number gets guilty_response; 0: none */
	int guilty_response;
	uint32_t groups;          /* of each record; 0: all */
	unsigned encodings;       /* of its receipts; 0: an older hub */
	unsigned known_encodings; /* of an earlier run; 0: this is the first */
	unsigned coverage_status; /* of the response to coverage; 0: the agent sends none */
	int beat;          /* the response to one heartbeat after the last run; 0: none is sent, as
			      A_RECEIPT is that of the batches */
	unsigned work;     /* that it names */
	bool expects_sync; /* after the heartbeat's end */
	void (*on_heartbeat)(struct stage *s); /* it is whole, the response not yet sent */
	/* results at the hub */
	unsigned coverages;
	unsigned requests;
	unsigned batches;
	uint64_t first[BATCHES_MAX];
	uint64_t last[BATCHES_MAX];
	uint64_t epoch[BATCHES_MAX];
	uint8_t envelope_digest[BATCHES_MAX][32];
	struct batch_head head;       /* of the latest; its texts are no longer valid */
	unsigned stored[RECORDS_MAX]; /* how often a receipt covered this number */
	struct hub_side sides[SIDES];
	struct heartbeat heartbeat; /* the latest; its texts are no longer valid */
	unsigned heartbeats;
	/* results at the agent */
	unsigned beat_ends;
	int beat_err;
	unsigned beat_work;
	bool has_no_heartbeat; /* of the uplink, at that end */
	struct uplink_status status;
	unsigned ends;
	struct uplink_summary summary;
	unsigned wanted;
	unsigned refused;           /* calls of on_refused ... */
	const char *found_password; /* ... which finds this */
	struct worker_job refused_job;
	uint64_t left;                       /* in the spool at the end of the run */
	unsigned runs;                       /* to make, one after the other */
	void (*on_closed)(struct stage *s);  /* the spool is closed: nothing more will come */
	void (*on_request)(struct stage *s); /* the batch is whole, the response not yet sent */
	bool is_run_by_itself;               /* all but the first one */
	bool is_due;                         /* the first one is by schedule, not on request */
	struct due enough;                   /* the test's */
	bool is_closing_in_callback;
	unsigned stop_after_requests; /* uplink_close in the middle */
	unsigned deaf;                /* number of connections that are accepted and never read */
	bool is_early;                /* responds with 401 to the head and reads no body */
};

void stage_close_uplink(struct stage *s);

extern const struct uplink_events stage_events;

void stage_on_sync_end(void *owner, int err, const struct uplink_summary *summary);

void stage_put_all(struct stage *s);

void stage_open_spool(struct stage *s);

/* Everything but the uplink, whose options the test may still change. */
void stage_open(struct stage *s, const char *cert, const char *key);

void stage_open_uplink(struct stage *s);

/* Opens the uplink, puts the records, runs, and waits until everything has gone. */
void stage_play(struct stage *s);

void stage_close(struct stage *s);

/* ---- what the tests share ---- */

/* A group's set-up: certificates, and the log goes to /dev/null. Its teardown is certs_remove. */
int stage_setup(void **state);

/* stage_open with a certificate that the agent accepts. */
void stage_open_valid(struct stage *s);

void stage_check_stored_once(const struct stage *s);

/* One run, which ended with `err` and a reason. */
void stage_check_nothing_deleted(const struct stage *s, int err);

/* Of the store's file. */
void stage_read_status(const struct stage *s, struct uplink_status *status);

void stage_write_status(struct stage *s, const struct uplink_status *status);

/* Its length; 0: absent. */
size_t stage_read_value(const struct stage *s, const char *name);

#endif
