/* SPDX-License-Identifier: Apache-2.0
 * The life of the hub: its parts are opened and connected, run, and closed. */
#include "engine/hub/hub.h"

#include "proto/base/log.h"
#include "engine/ui/ctl.h"
#include "engine/hub/account.h"
#include "engine/hub/ingest.h"
#include "engine/hub/merge.h"
#include "engine/hub/account_change.h"
#include "engine/hub/hub_reload.h"
#include "engine/hub/rotation.h"
#include "engine/loop/daemon.h"
#include "engine/loop/listen.h"
#include "engine/loop/process.h"
#include "engine/loop/crypto.h"
#include "engine/loop/tls.h"
#include "engine/store/archive_view.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define SOFTWARE "platen-hub/" PLATEN_VERSION
/* Files beside connections: store, WAL, sockets, loop, log. */
enum { FILES_BESIDE = 64 };

struct hub {
	const struct hub_conf *conf;
	struct daemon daemon;
	struct hub_reload reload;
	size_t max_conns;
	struct archive *archive;
	struct archive_view *view;
	struct crypto_key *key;
	struct crypto_key *old_key; /* NULL: it was never rotated */
	struct tls *tls;
	struct loop *loop;
	struct workers *workers;
	struct accounts *accounts;
	struct ingest *ingest;
	struct listener *listener;
	struct ctl *ctl;
	struct account_change *change;
	struct audit_queue *audit;
	struct due certificate_due; /* each day */
	unsigned open;              /* parts whose on_closed is still to come */
};

static int fail(const char *what, int err, const char *why)
{
	log_line(LOG_ERROR, "hub", "what=%s err=\"%s\" why=%s", what, err_text(err), why);
	return err;
}

/* As many connections as there may be open files. */
static size_t allowed_conns(size_t wanted)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return wanted;
	rlim_t needed = wanted + FILES_BESIDE;
	if (limit.rlim_cur < needed) {
		limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < needed) {
			size_t allowed = limit.rlim_cur > 2 * FILES_BESIDE
						 ? (size_t)limit.rlim_cur - FILES_BESIDE
						 : FILES_BESIDE;
			log_line(LOG_WARN, "hub",
				"max_connections=%zu allowed=%zu why=\"the limit of open files\"",
				wanted, allowed);
			return allowed;
		}
	}
	return wanted;
}

/* Opens the files needed before the loop runs: store, keys, certificates. */
static int open_files(struct hub *h)
{
	const struct hub_conf *c = h->conf;
	char why[LIMIT_WHY] = "";
	struct archive_options a = {.dir = c->state_dir, .rule = &merge_rule};
	int err = archive_open(&h->archive, &a, why, sizeof why);
	if (err < 0)
		return fail("store", err, why);
	hub_thresholds(&h->reload.thresholds, c);
	archive_set_thresholds(h->archive, &h->reload.thresholds);
	err = archive_view_open(&h->view, c->state_dir, why, sizeof why);
	if (err < 0)
		return fail("store", err, why);
	struct archive_counts known;
	if (!hub_key_exists(c->state_dir) && archive_view_counts(h->view, &known) == 0 &&
		known.agents > 0)
		log_line(LOG_WARN, "hub",
			"what=key agents=%ju why=\"hub.key is missing and is made anew: agents "
			"that "
			"know the old one refuse its receipts and keep their readings\"",
			known.agents);
	err = hub_key_open(&h->key, c->state_dir, why, sizeof why);
	if (err == 0)
		err = hub_key_open_old(&h->old_key, c->state_dir, why, sizeof why);
	if (err < 0)
		return fail("key", err, why);
	struct tls_server_options t = hub_tls_options(c);
	err = tls_server_open(&h->tls, &t, why, sizeof why);
	return err < 0 ? fail("tls", err, why) : 0;
}

static int open_loop(struct hub *h)
{
	h->max_conns = allowed_conns(h->conf->max_connections);
	int err = loop_open(&h->loop, ingest_dues(h->max_conns) + CTL_DUES + 8);
	if (err == 0)
		err = workers_open(&h->workers, h->loop);
	if (err == 0)
		err = accounts_open(&h->accounts, h->loop, h->workers, h->view);
	if (err == 0)
		err = audit_queue_open(&h->audit, h->loop, h->workers, h->conf->state_dir);
	if (err < 0)
		return fail("loop", err, "");
	audit_queue_add_config(h->audit, h->conf->digest, h->conf->file);
	struct ingest_options i = {.loop = h->loop,
		.workers = h->workers,
		.archive = h->archive,
		.accounts = h->accounts,
		.key = h->key,
		.old_key = h->old_key,
		.software = SOFTWARE,
		.audit = h->audit,
		.max_conns = h->max_conns};
	err = ingest_open(&h->ingest, &i);
	if (err == 0)
		err = account_change_open(&h->change, h->workers, h->archive, h->audit);
	return err < 0 ? fail("ingest", err, "") : 0;
}

/* ---- running ----------------------------------------------------------------------------- */

static void on_accept(void *owner, struct conn *c)
{
	struct hub *h = owner;
	ingest_accept(h->ingest, c);
}

static void on_ctl_line(void *owner, struct ctl_session *s, const struct ctl_line *line)
{
	struct hub *h = owner;
	account_change_start(h->change, s, line);
}

static void on_audit_closed(void *owner)
{
	struct hub *h = owner;
	h->audit = NULL;
}

/* When all have gone, the audit gets its last entries; then the loop has nothing left and ends. */
static void on_part_closed(void *owner)
{
	struct hub *h = owner;
	if (--h->open > 0)
		return;
	h->ingest = NULL;
	h->ctl = NULL;
	if (h->audit != NULL)
		audit_queue_close(h->audit, on_audit_closed, h);
}

static void on_stop(void *owner)
{
	struct hub *h = owner;
	if (due_is_set(&h->certificate_due))
		loop_due_clear(h->loop, &h->certificate_due);
	listener_close(h->listener);
	h->listener = NULL;
	h->open = 1; /* this function */
	h->open += h->ingest != NULL;
	h->open += h->ctl != NULL;
	if (h->ctl != NULL)
		ctl_close(h->ctl, on_part_closed, h);
	ingest_close(h->ingest, on_part_closed, h);
	on_part_closed(h);
}

static void on_reload(void *owner)
{
	struct hub *h = owner;
	hub_reload(&h->reload);
}

/* ---- SIGUSR1 ------------------------------------------------------------------------------- */

static void dump_ingest(const struct hub *h)
{
	struct ingest_counts n;
	const struct account_counts *logins = accounts_counts(h->accounts);
	if (h->ingest == NULL)
		return; /* closed */
	ingest_counts(h->ingest, &n);
	log_line(LOG_INFO, "hub",
		"dump=ingest connections=%ju max_connections=%zu accepted=%ju held_bytes=%ju "
		"held_bytes_peak=%ju refused=%ju unavailable=%ju",
		n.conns, h->max_conns, n.accepted, n.held_bytes, n.held_bytes_peak, n.refused,
		n.unavailable);
	log_line(LOG_INFO, "hub",
		"dump=batches batches=%ju received=%ju stored=%ju duplicates=%ju rejected=%ju "
		"commits=%ju",
		n.batches, n.received, n.stored, n.duplicates, n.rejected, n.commits);
	log_line(LOG_INFO, "hub", "dump=logins failed=%ju delayed=%ju crowded=%ju", logins->failed,
		logins->rested, logins->crowded);
}

static void on_dump(void *owner)
{
	struct hub *h = owner;
	struct loop_lag lag;
	loop_get_lag(h->loop, &lag);
	log_line(LOG_INFO, "hub", "dump=state state=%s reloads=%ju refused=%ju",
		daemon_state_name(h->daemon.state), h->reload.reloads, h->reload.refused);
	dump_ingest(h);
	log_line(LOG_INFO, "hub",
		"dump=process memory_peak_kib=%ju open_fds=%ju loop_p99_ms=%ju loop_max_ms=%ju "
		"loop_slow=%ju",
		(process_peak_bytes() >> 10), process_open_fds(), lag.p99_ms, lag.max_ms, lag.slow);
}

/* ---- opening and closing ------------------------------------------------------------------ */

static int open_sockets(struct hub *h)
{
	const struct hub_conf *c = h->conf;
	char why[LIMIT_WHY];
	struct listen_options o = {.address = c->listen_address,
		.port = c->listen_port,
		.fd = -1,
		.tls = h->tls,
		.max_conns = h->max_conns};
	int err = listener_open(&h->listener, h->loop, &o, on_accept, h);
	if (err < 0) {
		(void)snprintf(why, sizeof why, "%s port %u", c->listen_address, c->listen_port);
		return fail("listen", err, why);
	}
	err = ctl_open(&h->ctl, h->loop, h->workers, c->state_dir, on_ctl_line, h);
	if (err == -ENAMETOOLONG) {
		/* Agents do not need it; the message of a verb that does names the way out. */
		log_line(LOG_WARN, "hub",
			"what=control-socket err=\"%s\" next=\"serves without it: user add works "
			"only "
			"while the hub is stopped, or with a shorter state_dir\"",
			err_text(err));
	} else if (err < 0) {
		(void)snprintf(why, sizeof why, "%s/%s", c->state_dir, CTL_FILE);
		return fail("control-socket", err, why);
	}
	err = daemon_watch_signals(&h->daemon, h->loop);
	return err < 0 ? fail("signals", err, "") : 0;
}

static void write_ready(const struct hub *h, int ready_fd)
{
	unsigned port = listener_port(h->listener);
	log_line(LOG_INFO, "hub",
		"listening=%s port=%u state_dir=%s version=%s max_connections=%zu",
		h->conf->listen_address, port, h->conf->state_dir, PLATEN_VERSION, h->max_conns);
	if (ready_fd < 0)
		return;
	char text[64];
	int n = snprintf(text, sizeof text, "{\"ready\":true,\"port\":%u}\n", port);
	/* The reader may have ended; that does not stop the hub. */
	if (write(ready_fd, text, (size_t)n) < 0)
		log_line(LOG_WARN, "hub", "what=ready-fd err=\"%s\"", err_text(-errno));
	(void)close(ready_fd);
}

static int close_all(struct hub *h)
{
	int err = 0;
	if (h->loop != NULL) {
		/* After a failed start, the parts that were opened have to be closed. */
		daemon_event(&h->daemon, DAEMON_WANTS_STOP);
		err = loop_run(h->loop);
		daemon_close_signals(h->loop);
		workers_close(h->workers);
	}
	account_change_close(h->change);
	accounts_close(h->accounts);
	tls_close(h->tls);
	crypto_key_close(h->key);
	crypto_key_close(h->old_key);
	archive_view_close(h->view);
	archive_close(h->archive);
	int closed = loop_close(h->loop);
	return err < 0 ? err : closed;
}

static void on_certificate_due(struct due *due)
{
	enum { DAY_MS = 86400000 };
	struct hub *h = container_of(due, struct hub, certificate_due);
	hub_check_certificate(&h->reload, loop_wall_ms(h->loop));
	int err = loop_due_set(h->loop, due, loop_now_ms(h->loop) + DAY_MS);
	if (err < 0)
		log_line(LOG_ERROR, "hub", "err=%s what=\"the certificate is not watched\"",
			err_text(err));
}

int hub_run(const struct hub_conf *conf, int ready_fd)
{
	static const struct daemon_actions actions = {
		.reload = on_reload, .stop = on_stop, .dump = on_dump};
	struct hub h = {.conf = conf};
	daemon_init(&h.daemon, "hub", &actions, &h);
	int err = open_files(&h);
	if (err == 0)
		err = open_loop(&h);
	if (err == 0)
		err = open_sockets(&h);
	if (err == 0) {
		h.reload = (struct hub_reload){.daemon = &h.daemon,
			.loop = h.loop,
			.workers = h.workers,
			.conf = conf,
			.tls = h.tls,
			.archive = h.archive,
			.audit = h.audit};
		memcpy(h.reload.digest, conf->digest, sizeof h.reload.digest);
		due_init(&h.certificate_due, on_certificate_due);
		on_certificate_due(&h.certificate_due);
		write_ready(&h, ready_fd);
		daemon_event(&h.daemon, DAEMON_STARTED);
		err = loop_run(h.loop);
		if (err < 0)
			(void)fail("loop", err, "");
	}
	int closed = close_all(&h);
	if (closed < 0 && err == 0)
		err = fail("stop", closed, "");
	if (err == 0)
		log_line(LOG_INFO, "hub", "state=stopped result=ok");
	return err;
}
