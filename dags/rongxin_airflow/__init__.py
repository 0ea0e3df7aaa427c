"""What the DAGs of 榕信 share. The binary does the work; here is when it is called.

The package must be importable by the DAG processor, the workers and the triggerer:
put the folder dags/ on PYTHONPATH, or install it there.
"""
