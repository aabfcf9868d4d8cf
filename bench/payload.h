/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of this benchmark: payload_fleet.c has the printers and what they show at an
 * instant of virtual time, payload_agent.c the agent (collector, spool, batches) and its hub,
 * payload_shares.c where the bytes of a body go. */
#ifndef PLATEN_BENCH_PAYLOAD_H
#define PLATEN_BENCH_PAYLOAD_H

#include "proto/base/buf.h"
#include "proto/reading/reading.h"
#include "proto/recording/recording.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAYLOAD_HOUR UINT64_C(3600000)

/* Ends the program with a message. */
void payload_fail(const char *what, int err);

/* ---- printers ---- */
struct payload_fleet {
	size_t count;
	struct ledger *ledger; /* the synthetic ones; else recordings */
	struct recording *recording;
	struct buf serials; /* of the present reading */
	struct recording rows;
};

/* Printers of the simulator. */
void payload_fleet_open(struct payload_fleet *f, size_t printers);
/* The same as their profiles say: supplies last, no false levels. */
void payload_fleet_open_plain(struct payload_fleet *f, size_t printers);
/* Every SNMP recording of a folder, as so many printers (0: each once). False if there is none. */
bool payload_fleet_open_recordings(struct payload_fleet *f, const char *dir, size_t printers);
void payload_fleet_close(struct payload_fleet *f);

/* The start of virtual time, a Monday, 00:00. */
uint64_t payload_start_ms(void);
/* Whether anything that the printer shows differs from its last poll. */
bool payload_fleet_changes(struct payload_fleet *f, size_t printer, uint64_t now_ms);
/* One poll. An incremental one leaves out what changes seldom, as the agent's does. */
void payload_fleet_poll(struct payload_fleet *f, size_t printer, uint64_t now_ms,
	bool is_incremental, struct reading *r);

/* ---- agent and hub ---- */
struct payload_agent;

struct payload_sync {
	size_t records, batches, raw;
	uint64_t first, last; /* numbers of records; each batch begins behind the one before */
	size_t sent;          /* bodies of requests */
	size_t coverage;      /* of these, how each device was read */
	size_t received;      /* bodies of responses */
	double pack_s;        /* CPU: compress and sign */
};

struct payload_agent *payload_agent_open(size_t printers);
void payload_agent_close(struct payload_agent *a);
/* A reading on its way into the spool; `r` is closed. */
void payload_agent_read(
	struct payload_agent *a, size_t printer, struct reading *r, uint64_t now_ms, bool is_full);
void payload_agent_settle(struct payload_agent *a);
/* When a printer was read completely, for the coverage; of one without it, during the last hour. */
void payload_agent_polled(struct payload_agent *a, size_t printer, uint64_t at_ms);
/* Everything that is in the spool goes to the hub. The raw bodies are appended to `bodies`. */
void payload_agent_sync(
	struct payload_agent *a, uint64_t now_ms, struct payload_sync *ret, struct buf *bodies);
/* The same without a hub: a sync that fails. */
void payload_agent_sync_fails(struct payload_agent *a);
struct spool *payload_agent_spool(struct payload_agent *a);
/* The directories of its store and of its hub's. */
const char *payload_agent_dir(const struct payload_agent *a);
const char *payload_agent_hub_dir(const struct payload_agent *a);

/* ---- shares ---- */
enum payload_part {
	PART_NUMBER,  /* sequence numbers */
	PART_DEVICE,  /* device key, address, identity's serial and MAC */
	PART_TIMES,   /* read_at, asked, took, uptime */
	PART_OBJECTS, /* OIDs */
	PART_VALUES,  /* of meters, levels of supplies */
	PART_TEXTS,
	PART_REST, /* numbers of fields, headers, indexes, codes */
	PART_COUNT
};
struct payload_shares {
	size_t group_raw[GROUP_COUNT], group_zstd[GROUP_COUNT];
	size_t part_raw[PART_COUNT], part_zstd[PART_COUNT];
};
extern const char *const payload_part_names[PART_COUNT];
/* Raw bytes, and how much smaller the compressed body would be without them. */
void payload_shares(struct payload_shares *ret, const struct buf *bodies);

#endif
