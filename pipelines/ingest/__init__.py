"""From an export to rows of `raw`: recognise, decode, map to the contract, cast, quarantine, append.

Belongs here: file formats, encodings, headers, mappings, casting, the inbox. Does not belong here:
the DDL of raw tables (`warehouse`), judgements about records that load (`expectations`).

For people who write mappings: `samples`, `drafting`, `preview`. Databases are read into files by `databases`, zip
archives are opened by `archives`; `inbox` says what becomes of the files, `worklists` of the rows that were refused.

A file goes through the modules in this order: `discover` (which files, which entity), `contents` (bytes, hash,
unzipping), `readers` (`delimited` with `encodings`, `spreadsheets`, `columnar`: a table of text), `headers` or
`mapping_apply` (which column is which field), `records` (`first_look`, `casting`: typed records and faults), `append`
(into `raw`), `keeping` (copies and worklists on disk). `parts` and `load` hold them together: `load.load_paths`.
"""
