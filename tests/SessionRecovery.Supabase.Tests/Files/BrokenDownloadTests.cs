using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Supabase.Http.Internal;
using SessionRecovery.Supabase.Setup.Internal;
using SessionRecovery.Supabase.Tests.Hosting;
using static SessionRecovery.Supabase.Tests.Files.ScriptedFile;
using static SessionRecovery.Supabase.Tests.Hosting.ScriptedSupabase;

namespace SessionRecovery.Supabase.Tests.Files;

/// <summary>
/// Tests that an interrupted download is resumed at its position. If the resumed download delivers no further byte, the read fails
/// immediately.
/// </summary>
[TestFixture]
internal sealed class BrokenDownloadTests
{
    [Test]
    public async Task A_download_interrupted_in_the_middle_loses_no_byte()
    {
        await using var host = Start(static request => Broken(request, 5));
        await using var content = await ContentAsync(host);
        var read = new MemoryStream();

        await content.CopyToAsync(read);

        read.ToArray().Should().Equal(Sound);
        Ranges(host).Should().Equal(null, "bytes=5-", "bytes=10-", "bytes=15-");
    }

    [Test]
    public async Task A_connection_without_progress_fails_and_the_next_read_restarts()
    {
        var coming = 5;
        await using var host = Start(request => Broken(request, coming));
        await using var content = await ContentAsync(host);
        var buffer = new byte[5];
        (await content.ReadAsync(buffer)).Should().Be(5);

        coming = 0;
        var read = () => content.ReadAsync(buffer).AsTask();
        await read.Should().ThrowAsync<SupabaseException>();
        coming = 5;
        content.Position = 0;
        (await content.ReadAsync(buffer)).Should().Be(5);

        buffer.Should().Equal(Sound[..5]);
        Ranges(host).Should().Equal(null, "bytes=5-", null);
    }

    [TestCase(503, 3)]
    [TestCase(429, 1)]
    public async Task An_unopenable_position_gets_the_attempts_of_one_read(int status, int tries)
    {
        await using var host = Start(request => request.Range is null ? Whole() : Html(status), tries: 3);
        await using var content = await ContentAsync(host);
        content.Position = 8;

        var read = () => content.ReadAsync(new byte[4]).AsTask();

        await read.Should().ThrowAsync<SupabaseException>();
        Ranges(host).OfType<string>().Should().HaveCount(tries);
    }

    [Test]
    public async Task A_caller_cancellation_is_not_an_outage()
    {
        await using var host = Start(static request => Broken(request, 5));
        await using var content = await ContentAsync(host);

        var read = () => content.ReadAsync(new byte[5], new CancellationToken(canceled: true)).AsTask();

        await read.Should().ThrowAsync<OperationCanceledException>();
        Ranges(host).Should().HaveCount(1);
    }

    [Test]
    public async Task A_closed_file_sends_no_request()
    {
        await using var host = Start(static request => Broken(request, 5));
        var content = await ContentAsync(host);
        await content.DisposeAsync();

        var read = () => content.ReadAsync(new byte[1]).AsTask();

        await read.Should().ThrowAsync<ObjectDisposedException>();
        Ranges(host).Should().HaveCount(1);
    }

    private static ScriptedHost Start(Func<SentRequest, HttpResponseMessage> content, int tries = 1)
    {
        var host = new ScriptedHost(options => options.MaxReadAttempts = tries, static builder => builder.AddSupabaseFiles());
        host.Supabase.Script = request => IsList(request) ? Listed() : content(request);
        return host;
    }

    private static async Task<Stream> ContentAsync(ScriptedHost host) => (await OpenAsync(host)).Content!;

    private static IEnumerable<string?> Ranges(ScriptedHost host) =>
        host.Supabase.Requests.Where(static request => !IsList(request)).Select(static request => request.Range);
}
