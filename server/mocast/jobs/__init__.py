"""Files at volume: videos and pictures on disk → landmarks, motion, tables and annotated videos.

A file's frames are cut into segments (``file_runs.py``, ``segmented_file.py``, ``segment_plan.py``), which an executor
(``local_executor.py``, ``ray_executor.py``) has tracked and drawn side by side (``segment_work.py``); one pass over
their landmarks, in order and as they come, rigs, analyses and writes them (``file_join.py``, ``writers/``).
``process_command.py``: ``mocast process``.

A server takes videos of clients as jobs (``registry.py``), each of which is run as that command (``job_worker.py``).
"""
