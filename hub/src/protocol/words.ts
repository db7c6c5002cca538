// What a schema says of a value that does not fit: zod/mini comes without words, and people read the answers.

import * as z from 'zod/mini'

z.config(z.locales.en())
