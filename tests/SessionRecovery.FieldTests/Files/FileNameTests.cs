using System.Net;
using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.FieldTests.Files;

/// <summary>
/// Tests that the file name that a user chose is kept and displayed, and that the store's file name and the response headers are safe.
/// </summary>
[TestFixture]
internal sealed class FileNameTests : FileFieldTest
{
    [TestCase("filename=\"Übung – Žižek.wav\"", "Übung – Žižek.wav")]
    [TestCase("filename=\"Песня №1.wav\"", "Песня №1.wav")]
    [TestCase("filename=\"録音 2026.wav\"", "録音 2026.wav")]
    [TestCase("filename=\"تسجيل.wav\"", "تسجيل.wav")]
    [TestCase("filename=\"हिन्दी.wav\"", "हिन्दी.wav")]
    [TestCase("filename=\"🎵 take.wav\"", "🎵 take.wav")]
    [TestCase("filename=\"x.wav\"; filename*=UTF-8''%E9%8C%B2%E9%9F%B3.wav", "録音.wav")]
    [TestCase("filename=\"Take 1 (final), 100% it's.wav\"", "Take 1 (final), 100% it's.wav")]
    [TestCase("filename=\"a%22b.wav\"", "a\"b.wav")]
    [TestCase("filename=\"take\"", "take")]
    public async Task The_users_own_name_is_kept_in_any_script(string fileName, string expected)
    {
        await StartFilesAsync();
        using var client = await Host.SignInAsync("ann");

        var file = await StoreAsync(client, Wav, fileName: fileName);
        await StartFilesAsync();
        using var again = await Host.SignInAsync("ann");
        var listed = (await ListAsync(again)).Single();
        using var download = await again.GetAsync(file.GetProperty("url").GetString());

        file.GetProperty("display_name").GetString().Should().Be(expected);
        listed.GetProperty("display_name").GetString().Should().Be(expected);
        download.Content.Headers.ContentDisposition!.FileNameStar.Should().Be(expected);
        download.Content.Headers.GetValues("Content-Disposition").Single().Should().StartWith("inline; ")
            .And.Contain($"filename*=UTF-8''{Uri.EscapeDataString(expected)[..1]}");
        file.GetProperty("name").GetString().Should().MatchRegex("^[a-z0-9-]+-[0-9a-f]{12}\\.wav$");
    }

    [TestCase("filename=\"../../etc/passwd\"", "passwd")]
    [TestCase("filename=\"..\\\\..\\\\boot.ini\"", "boot.ini")]
    [TestCase("filename=\"/etc/cron.d/x.wav\"", "x.wav")]
    [TestCase("filename=\"C:\\\\fakepath\\\\take.wav\"", "take.wav")]
    [TestCase("filename=\"..\"", null)]
    [TestCase("filename=\" \"", null)]
    [TestCase("filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1.wav", "aSet-Cookie: x=1.wav")]
    [TestCase("filename*=UTF-8''%22%3B%20filename%3Devil.html", "\"; filename=evil.html")]
    [TestCase("filename*=UTF-8''a%00b.wav", "ab.wav")]
    [TestCase("filename*=UTF-8''evil%E2%80%AEvaw.exe", "evilvaw.exe")]
    [TestCase("filename*=UTF-8''%E2%80%A8x.wav", "x.wav")]
    public async Task A_name_that_attacks_paths_or_headers_is_only_text(string fileName, string? expected)
    {
        await StartFilesAsync();
        using var client = await Host.SignInAsync("ann");

        var file = await StoreAsync(client, Wav, fileName: fileName);
        using var download = await client.GetAsync(file.GetProperty("url").GetString());

        var name = file.GetProperty("name").GetString()!;
        name.Should().MatchRegex("^[a-z0-9-]+-[0-9a-f]{12}\\.wav$");
        file.GetProperty("display_name").GetString().Should().Be(expected ?? name);
        download.StatusCode.Should().Be(HttpStatusCode.OK);
        download.Headers.Contains("Set-Cookie").Should().BeFalse();
        var disposition = download.Content.Headers.GetValues("Content-Disposition").Single();
        disposition.Count(static character => character == '"').Should().Be(2);
        disposition.Should().NotContain("\r").And.NotContain("\n").And.NotContain("\\");
        download.Content.Headers.ContentDisposition!.FileNameStar.Should().Be(expected ?? name);
        OnDisk().Should().ContainSingle().Which.Should().StartWith(Folder).And.EndWith(name);
    }

    [Test]
    public async Task A_long_name_is_shortened_before_its_extension()
    {
        await StartFilesAsync();
        using var client = await Host.SignInAsync("ann");

        var file = await StoreAsync(client, Wav, fileName: $"filename=\"{string.Concat(Enumerable.Repeat("🎵", 2000))}.wav\"");
        using var download = await client.GetAsync(file.GetProperty("url").GetString());

        file.GetProperty("display_name").GetString().Should().HaveLength(254).And.EndWith("🎵.wav");
        download.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Test]
    public async Task The_display_name_is_no_address()
    {
        await StartFilesAsync();
        using var client = await Host.SignInAsync("ann");
        await StoreAsync(client, Wav, fileName: "filename=\"own-000000000000.wav\"");

        using var response = await client.GetAsync("/uploads/own-000000000000.wav");

        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }
}
