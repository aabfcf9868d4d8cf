/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hub/hub_reload.h"

#include "engine/conf/load.h"

#include <string.h>

static int work(struct worker_job *job)
{
	struct hub_reload *r = container_of(job, struct hub_reload, job);
	char why[LIMIT_WHY] = "";
	int err = hub_conf_load(&r->next, r->conf->file, &r->error);
	if (err < 0)
		return err;
	struct tls_server_options o = {
		.cert_file = r->next.cert_file, .key_file = r->next.key_file};
	err = tls_server_open(&r->next_tls, &o, why, sizeof why);
	if (err < 0)
		conf_error_say(&r->error, conf_in_file(r->conf->file),
			"\"tls.cert_file\" and \"tls.key_file\": %s", why);
	return err;
}

static void put_in_force(struct hub_reload *r)
{
	static const char *live[] = {"log.level", "tls.cert_file", "tls.key_file", NULL};
	r->reloads++;
	log_set_level(r->next.log_level);
	tls_server_replace(r->tls, r->next_tls);
	r->next_tls = NULL;
	hub_conf_differ(r->conf, &r->next, conf_log_restart, live);
	log_line(LOG_INFO, "conf", "what=reloaded file=%s", r->conf->file);
}

static void on_done(struct worker_job *job, int result)
{
	struct hub_reload *r = container_of(job, struct hub_reload, job);
	if (daemon_is_stopping(r->daemon)) {
		tls_close(r->next_tls);
		r->next_tls = NULL;
	} else if (result < 0) {
		r->refused++;
		conf_log_error(&r->error);
		log_line(LOG_ERROR, "conf", "err=%s what=\"the old configuration stays\"",
			err_text(ERR_CONF));
	} else {
		put_in_force(r);
	}
	hub_conf_free(&r->next);
	daemon_event(r->daemon, DAEMON_RELOADED);
}

void hub_reload(struct hub_reload *r)
{
	r->error = (struct conf_error){.count = 0};
	worker_start(r->workers, WORKER_READ, &r->job, work, on_done);
}
