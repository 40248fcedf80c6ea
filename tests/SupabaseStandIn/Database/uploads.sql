-- Creates the private bucket of the sample. Each user has a folder in this bucket whose name is the user id.
insert into storage.buckets (id, name) values ('uploads', 'uploads') on conflict do nothing;

do $$
begin
    if not exists (select from pg_catalog.pg_policies where schemaname = 'storage' and policyname = 'own folder: read') then
        create policy "own folder: read" on storage.objects for select to authenticated
            using (bucket_id = 'uploads' and (storage.foldername(name))[1] = (select auth.uid())::text);
        create policy "own folder: add" on storage.objects for insert to authenticated
            with check (bucket_id = 'uploads' and (storage.foldername(name))[1] = (select auth.uid())::text);
        create policy "own folder: replace" on storage.objects for update to authenticated
            using (bucket_id = 'uploads' and (storage.foldername(name))[1] = (select auth.uid())::text)
            with check (bucket_id = 'uploads' and (storage.foldername(name))[1] = (select auth.uid())::text);
        create policy "own folder: delete" on storage.objects for delete to authenticated
            using (bucket_id = 'uploads' and (storage.foldername(name))[1] = (select auth.uid())::text);
    end if;
end
$$;
