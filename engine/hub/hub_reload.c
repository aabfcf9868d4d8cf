/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hub/hub_reload.h"

#include "engine/conf/load.h"

#include <string.h>

void hub_thresholds(struct history_thresholds *t, const struct hub_conf *conf)
{
	enum { PERCENT_X100 = 100 };
	*t = (struct history_thresholds){.preset_x100 = conf->low_percent * PERCENT_X100};
	for (const struct conf_supply_threshold *c = conf->thresholds;
		c != NULL && t->count < LIMIT_SUPPLY_THRESHOLDS;
		c = (const struct conf_supply_threshold *)c->item.next) {
		struct history_threshold *to = &t->entry[t->count++];
		int type = c->type != NULL ? supply_type_from(c->type) : 0;
		to->type = (uint8_t)(type > 0 ? type : 0);
		to->x100 = c->low_percent * PERCENT_X100;
		(void)str_copy(to->site, sizeof to->site, c->site != NULL ? c->site : "");
	}
}

struct tls_server_options hub_tls_options(const struct hub_conf *conf)
{
	return (struct tls_server_options){.cert_file = conf->cert_file,
		.key_file = conf->key_file,
		.client_ca_file = conf->client_ca_file,
		.is_client_optional = conf->is_client_optional};
}

void hub_check_certificate(struct hub_reload *r, uint64_t now_ms)
{
	char at[25];
	int days;
	uint64_t at_ms = tls_own_expires_ms(r->tls);
	if (!expiry_note(&r->certificate, at_ms, now_ms, &days))
		return;
	str_utc(at, at_ms);
	log_line(LOG_WARN, "hub",
		"certificate=server expires=%s in_days=%d next=\"renew tls.cert_file and send "
		"SIGHUP: agents refuse an expired one\"",
		at, days);
}

static int work(struct worker_job *job)
{
	struct hub_reload *r = container_of(job, struct hub_reload, job);
	char why[LIMIT_WHY] = "";
	int err = hub_conf_load(&r->next, r->conf->file, &r->error);
	if (err < 0)
		return err;
	struct tls_server_options o = hub_tls_options(&r->next);
	err = tls_server_open(&r->next_tls, &o, why, sizeof why);
	if (err < 0)
		conf_error_say(&r->error, conf_in_file(r->conf->file),
			"\"tls.cert_file\" and \"tls.key_file\": %s", why);
	return err;
}

static void put_in_force(struct hub_reload *r)
{
	static const char *live[] = {"log.level", "tls.cert_file", "tls.key_file",
		"tls.client_ca_file", "tls.client_certificates", "supplies.low_percent",
		"supplies.thresholds", NULL};
	r->reloads++;
	memcpy(r->digest, r->next.digest, sizeof r->digest);
	log_set_level(r->next.log_level);
	tls_server_replace(r->tls, r->next_tls);
	r->next_tls = NULL;
	hub_check_certificate(r, loop_wall_ms(r->loop));
	hub_conf_differ(r->conf, &r->next, conf_log_restart, live);
	hub_thresholds(&r->thresholds, &r->next);
}

static void end(struct hub_reload *r)
{
	hub_conf_free(&r->next);
	daemon_event(r->daemon, DAEMON_RELOADED);
}

/* On the disk worker, which owns the archive. */
static int apply(struct worker_job *job)
{
	struct hub_reload *r = container_of(job, struct hub_reload, job);
	archive_set_thresholds(r->archive, &r->thresholds);
	return 0;
}

static void on_applied(struct worker_job *job, int result)
{
	struct hub_reload *r = container_of(job, struct hub_reload, job);
	(void)result; /* of apply: 0 */
	log_line(LOG_INFO, "conf", "what=reloaded file=%s", r->conf->file);
	audit_queue_add_reload(r->audit, r->digest, r->conf->file, 0, "");
	end(r);
}

static void on_done(struct worker_job *job, int result)
{
	struct hub_reload *r = container_of(job, struct hub_reload, job);
	if (daemon_is_stopping(r->daemon)) {
		tls_close(r->next_tls);
		r->next_tls = NULL;
	} else if (result < 0) {
		r->refused++;
		conf_log_error(&r->error, 0);
		log_line(LOG_ERROR, "conf", "err=%s what=\"the old configuration stays\"",
			err_text(ERR_CONF));
		audit_queue_add_reload(r->audit, r->digest, r->conf->file, ERR_CONF, r->error.text);
	} else {
		put_in_force(r);
		worker_start(r->workers, WORKER_DISK, &r->job, apply, on_applied);
		return;
	}
	end(r);
}

void hub_reload(struct hub_reload *r)
{
	r->error = (struct conf_error){.count = 0};
	worker_start(r->workers, WORKER_READ, &r->job, work, on_done);
}
