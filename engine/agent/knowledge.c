/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/knowledge.h"

#include "engine/conf/models.h"
#include "proto/base/log.h"
#include "proto/text/charset.h"

#include <errno.h>
#include <stdio.h>

static void open_charsets(void)
{
	int missing = charset_open();
	if (missing > 0)
		log_line(LOG_WARN, "agent",
			"charsets_missing=%d what=\"texts in these are read as Latin-1: this "
			"system lacks gconv modules of its C library\"",
			missing);
}

int agent_open_knowledge(struct agent_knowledge *k, const char *folder, struct conf_error *why)
{
	*k = (struct agent_knowledge){.models = NULL};
	*why = (struct conf_error){.count = 0};
	open_charsets();
	if (folder == NULL) {
		k->models = models_builtin();
		if (k->models != NULL)
			return 0;
		(void)snprintf(why->text, sizeof why->text, "%s", err_text(-ENOMEM));
		return -ENOMEM;
	}
	int err = conf_load_models(&k->own, folder, why);
	if (err == 0)
		k->models = &k->own;
	return err;
}

int agent_need_knowledge(struct agent_knowledge *k, const char *folder)
{
	struct conf_error why;
	int err = agent_open_knowledge(k, folder, &why);
	if (err < 0)
		(void)fprintf(stderr, "platen: %s\n", why.text);
	return err;
}

void agent_close_knowledge(struct agent_knowledge *k)
{
	models_close(&k->own);
	k->models = NULL;
}
