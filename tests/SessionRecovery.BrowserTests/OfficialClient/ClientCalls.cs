namespace SessionRecovery.BrowserTests.OfficialClient;

/// <summary>Contains a script that calls Supabase's official client in a browser and returns the results of the calls.</summary>
internal static class ClientCalls
{
    /// <summary>
    /// A function with two arguments, the name of a call and the id of another user. The function returns lines that are the same in every
    /// run.
    /// </summary>
    public const string Script =
        """
        async ([call, stranger]) => {
          const ok = ({ data, error }) => {
            if (error) {
              throw new Error(`${call}: ${error.code ?? error.statusCode}: ${error.message}`);
            }
            return data;
          };
          const session = async () => ok(await supabase.auth.getSession()).session;
          const digest = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).join();
          const { user } = await session();
          const files = supabase.storage.from('uploads');
          const bytes = new Uint8Array(300_000).map((_, i) => i * 7 + (i >> 8));
          const calls = {
            async refresh() {
              const before = await session();
              const after = ok(await supabase.auth.refreshSession()).session;
              const claims = ok(await supabase.auth.getClaims()).claims;
              return [
                `another refresh token: ${after.refresh_token !== before.refresh_token}`,
                `the same user: ${after.user.id === user.id
                  && ok(await supabase.auth.getUser()).user.id === user.id && claims.sub === user.id}`,
              ];
            },
            async row() {
              const rows = ok(await supabase.from('user_credits').select('user_id, credits'));
              const theirs = await supabase.from('user_credits').select('credits').eq('user_id', stranger).single();
              const raised = await supabase.from('user_credits').update({ credits: 1_000_000 }).eq('user_id', user.id);
              return [
                ...rows.map(({ user_id, credits }) => `${user_id === user.id ? 'own' : 'foreign'} row: ${credits}`),
                `another's row: ${theirs.error.code}`,
                `a raise: ${raised.error.code}`,
              ];
            },
            async rpc() {
              const opened = ok(await supabase.rpc('initialize_my_credits'));
              const posted = ok(await supabase.rpc('get_my_credits'));
              const got = ok(await supabase.rpc('get_my_credits', {}, { get: true }));
              const history = ok(await supabase.rpc('credit_history', { p_limit: 10 }));
              const granted = await supabase.rpc('grant_credits', { p_user: user.id, p_amount: 5, p_key: 'own' });
              return [
                `opened: ${opened.outcome}, ${opened.created}`,
                `by POST: ${posted.outcome}, ${posted.available}`,
                `by GET: ${got.outcome}, ${got.available}`,
                `history: ${history.entries.map(({ kind, amount, balance_after }) => `${kind} ${amount} to ${balance_after}`)}`,
                `a grant: ${granted.error.code}`,
              ];
            },
            async files() {
              const [form, raw] = [`${user.id}/form.bin`, `${user.id}/raw.bin`];
              ok(await files.upload(form, new Blob([bytes], { type: 'application/octet-stream' })));
              ok(await files.upload(raw, bytes, { contentType: 'application/octet-stream' }));
              const sent = await digest(bytes);
              const same = async (blob) => blob.size === bytes.length && await digest(await blob.arrayBuffer()) === sent;
              const link = ok(await files.createSignedUrl(form, 60)).signedUrl;
              const lines = [
                `listed: ${ok(await files.list(user.id)).map(({ name }) => name).sort()}`,
                `downloaded: ${await same(ok(await files.download(form)))}, ${await same(ok(await files.download(raw)))}`,
                `by its link: ${await same(await (await fetch(link)).blob())}`,
                `a second time: ${(await files.upload(form, new Blob(['x']))).error.statusCode}`,
              ];
              ok(await files.remove([form, raw]));

              // The browser may cache the file for the duration that the upload request specified.
              const gone = (await files.download(form, {}, { cache: 'no-store' })).error !== null;
              return [...lines, `removed: ${ok(await files.list(user.id)).length}, ${gone}`];
            },
            async foreignFiles() {
              const path = `${stranger}/theirs.bin`;
              return [
                `listed: ${ok(await files.list(stranger)).length}`,
                `uploaded: ${(await files.upload(path, new Blob(['x']))).error.statusCode}`,
                `downloaded: ${(await files.download(path)).error !== null}`,
              ];
            },
          };
          return calls[call]();
        }
        """;

    public static IReadOnlyDictionary<string, string[]> Expected { get; } = new Dictionary<string, string[]>
    {
        ["refresh"] = ["another refresh token: true", "the same user: true"],
        ["row"] = ["own row: 100", "another's row: PGRST116", "a raise: 42501"],
        ["rpc"] = ["opened: ok, false", "by POST: ok, 100", "by GET: ok, 100", "history: init 100 to 100", "a grant: 42501"],
        ["files"] = ["listed: form.bin,raw.bin", "downloaded: true, true", "by its link: true", "a second time: 409", "removed: 0, true"],
        ["foreignFiles"] = ["listed: 0", "uploaded: 403", "downloaded: true"],
    };
}
