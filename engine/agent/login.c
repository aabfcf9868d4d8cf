/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/agent_internal.h"

#include "proto/base/str.h"

/* Without a word if it cannot be read: the error of the last sync stands in log and status. */
static int read_on_worker(struct worker_job *job)
{
	struct agent_login *l = container_of(job, struct agent_login, job);
	char why[LIMIT_WHY];
	return secret_env_of(l->file) != NULL ? ERR_CONF /* the environment does not change */
					      : secret_read(&l->secret, l->file, why, sizeof why);
}

static void on_read(struct worker_job *job, int result)
{
	struct agent *a =
		container_of(container_of(job, struct agent_login, job), struct agent, login);
	if (a->uplink != NULL)
		uplink_login_checked(a->uplink, result < 0 ? NULL : a->login.secret.bytes);
	secret_wipe(&a->login.secret);
}

void agent_on_refused(void *owner)
{
	struct agent *a = owner;
	const char *file = agent_live_conf(a)->hub_password_file;
	(void)str_copy(a->login.file, sizeof a->login.file, file != NULL ? file : "");
	worker_start(a->workers, WORKER_READ, &a->login.job, read_on_worker, on_read);
}
