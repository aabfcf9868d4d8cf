/* SPDX-License-Identifier: Apache-2.0
 * SIGHUP in a running hub: configuration, certificate and private key are read again on a worker.
 * Live are log.level, supplies and the section tls with what is in its files: connections
 * that are open keep their certificate, new ones get the next. A file with a mistake changes
 * nothing. */
#ifndef PLATEN_HUB_HUB_RELOAD_H
#define PLATEN_HUB_HUB_RELOAD_H

#include "engine/conf/conf.h"
#include "engine/loop/daemon.h"
#include "engine/loop/expiry.h"
#include "engine/loop/tls.h"
#include "engine/loop/workers.h"
#include "engine/store/archive.h"
#include "engine/store/audit_queue.h"

struct hub_reload {
	/* The owner's, before the first reload. */
	struct daemon *daemon;
	struct loop *loop;
	struct workers *workers;
	const struct hub_conf *conf; /* the hub was started with it */
	struct tls *tls;             /* the listener's */
	struct archive *archive;
	struct audit_queue *audit;
	uint8_t digest[AUDIT_DIGEST]; /* of the configuration in force: first that of `conf` */
	/* hub_reload.c's; the worker touches only these while it runs */
	struct worker_job job;
	struct hub_conf next;
	struct tls *next_tls;
	struct history_thresholds thresholds;
	struct conf_error error;
	uint64_t reloads, refused;
	struct expiry certificate;
};

/* The configured thresholds of low supplies. */
void hub_thresholds(struct history_thresholds *t, const struct hub_conf *conf);

/* The certificates of the configuration, for tls_server_open. */
struct tls_server_options hub_tls_options(const struct hub_conf *conf);

/* Warns if the certificate in use expires soon: at start, each day and after a reload. */
void hub_check_certificate(struct hub_reload *r, uint64_t now_ms);

/* From DAEMON_RELOAD; DAEMON_RELOADED is its end. */
void hub_reload(struct hub_reload *r);

#endif
